package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gongji/app/foundation/bank"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/party"
)

// statement writes the foundation's bank into the script: a file with a row
// that cannot be read, lines matched and confirmed, one that waits for the
// second person, sure and unsure guesses, and money nobody has claimed.
func (s *script) statement() {
	h := &house{script: s, name: hengli, prefix: "foundation"}
	s.at(s.on(-1, 16, 0), "银行流水", func(ctx context.Context) error {
		var typing fault.Check
		finance := h.by(party.Finance)
		a, err := s.Bank.Add(ctx, finance, bank.Opening{Name: "演示银行横沥支行", Tail: "8801", Opening: 180_000 * money.Yuan, OpenedOn: h.day10(-40)}, &typing)
		if err != nil {
			return err
		}
		text, err := h.lines(ctx)
		if err != nil {
			return err
		}
		i, err := s.Bank.Upload(ctx, finance, a.ID, "演示流水.csv", strings.NewReader(text))
		if err == nil {
			i, err = s.Bank.Begin(ctx, finance, i.ID)
		}
		if err == nil {
			err = s.Bank.Run(ctx, i.ID)
		}
		if err != nil {
			return err
		}
		return h.match(ctx)
	})
}

func (h *house) day10(days int) string {
	return h.on(days, 0, 0).In(clock.Beijing).Format(time.DateOnly)
}

// lines is the file: what the demonstration's gifts and payments left at the
// bank, beside what they did not.
func (h *house) lines(ctx context.Context) (string, error) {
	var pledge string
	err := h.DB.NewSelect().TableExpr("donation").Column("reference").
		Where("foundation = ? AND state = ? AND kind = ?", h.orgs[hengli], donation.Pledged, donation.Money).Order("id DESC").Limit(1).Scan(ctx, &pledge)
	if err != nil {
		return "", err
	}
	donor := h.as("donor", "").Name
	var b strings.Builder
	b.WriteString("演示银行交易明细,,,,,,\n交易日期,贷方发生额（元）,借方发生额（元）,对方户名,对方账号,附言,流水号\n")
	row := func(days int, in, out, name, memo string) {
		fmt.Fprintf(&b, "%s,%s,%s,%s,,%s,YS%08d\n", h.day10(days), in, out, name, memo, 20260000-days)
	}
	row(-38, `"36,000.00"`, "", enterprise, "捐赠社区助老")
	row(-30, `"1,409.50"`, "", donor, "捐款")
	row(-20, `"2,000.00"`, "", "不愿留名", "给老人买点东西")
	row(-16, "12.36", "", "", "活期利息")
	row(-15, "", `"25,000.00"`, neighbour, "第二期上门照料服务")
	row(-9, "", "10.00", "演示银行", "账户管理费")
	b.WriteString(h.day10(-8) + ",八十八元,,路人甲,,捐款,YS20260899\n合计,,,,,,\n")
	row(-5, "88.88", "", "", "爱心")
	row(-1, "300.00", "", donor, "捐"+pledge)
	return b.String(), nil
}

// match says what the older lines are and has the 秘书长 confirm, but for one
// that still waits; the newest keep their guesses.
func (h *house) match(ctx context.Context) error {
	list, err := h.Bank.Lines(ctx, h.by(party.Finance), bank.Filter{})
	if err != nil {
		return err
	}
	for _, l := range list.Items {
		in := bank.Proposal{Kind: bank.Sundry, Note: "活期利息"}
		switch {
		case l.Day > h.day10(-10):
			continue
		case l.Memo != "活期利息" && (l.Guess == nil || l.Score < 50):
			continue
		case l.Memo != "活期利息":
			in = bank.Proposal{Kind: l.GuessKind, Target: *l.Guess}
		}
		if _, err := h.Bank.Propose(ctx, h.by(party.Finance), l.ID, in); err != nil {
			return err
		}
		if l.Day == h.day10(-30) {
			continue
		}
		if _, err := h.Bank.Confirm(ctx, h.by(party.Approver), l.ID, bank.Decision{}); err != nil {
			return err
		}
	}
	return nil
}
