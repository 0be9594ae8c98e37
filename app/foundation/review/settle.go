package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
)

// Ruling is what the foundation makes of one application's figures.
type Ruling struct {
	Passed bool   `json:"passed"`
	Reason string `json:"reason,omitempty" description:"不通过时必填；公布后申请组织可以看到"`
}

// manySilent is how many applications without a ruling are still named one by
// one.
const manySilent = 20

// Cut rules on every application that has no ruling of its own: those whose
// mean reaches the line go on, the others not, with one reason. "" sets none.
type Cut struct {
	Line   string `json:"line,omitempty" description:"通过的分数线，例如 70 或 72.5；没有逐份写明的按它判断"`
	Reason string `json:"reason,omitempty" description:"没有达到分数线的原因，申请组织可以看到"`
}

// at reads the line; nil where there is none.
func (c Cut) at(k *fault.Check) *Score {
	typed := strings.TrimSpace(c.Line)
	if typed == "" {
		return nil
	}
	x, err := money.Parse(typed) // two places at most, like an amount
	k.Must(err == nil && x <= 100*money.Yuan, "line", "分数线请填 0 到 100 的数，最多两位小数")
	line := Score(x)
	return &line
}

// rule is the ruling on one application by the line. It compares exact means.
func (c Cut) rule(line Score, st Standing) Ruling {
	if sum(st.totals) >= line*Score(len(st.totals)) {
		return Ruling{Passed: true}
	}
	return Ruling{Reason: strings.TrimSpace(c.Reason)}
}

// Settle ends a round: every sheet that is due has been handed in, and every
// application goes on or not, by its own ruling or by the line.
func (s *Service) Settle(ctx context.Context, who party.Actor, to id.ID, in map[id.ID]Ruling, by ...Cut) error {
	var cut Cut
	if len(by) > 0 {
		cut = by[0]
	}
	return s.run(ctx, who, to, "settle", func(ctx context.Context, tx bun.Tx, b board, now time.Time) error {
		if !b.open {
			return fault.New(fault.Conflict, "这一轮评审还没有开始，或已经结束")
		}
		v, err := s.view(ctx, tx, b.call, 0)
		if err != nil {
			return err
		}
		if v.Unfinished > 0 {
			return fault.New(fault.Conflict, "还有 %d 份评分没有提交，请等评审人完成，或更换评审人", v.Unfinished)
		}
		if err := enough(b, s.Rule()); err != nil {
			return err
		}
		var k fault.Check
		passed := 0
		line := cut.at(&k)
		if silent := len(v.Standings) - len(in); line == nil && silent > manySilent && !k.Failed("line") {
			k.Fail("line", "还有 %d 份没有选择是否通过；请逐份选择，或填写分数线", silent)
			return k.Err()
		}
		var out []Outcome
		for _, st := range v.Standings {
			x, said := in[st.Application.ID]
			if !said && line != nil {
				x, said = cut.rule(*line, st), true
			}
			x.Reason = strings.TrimSpace(x.Reason)
			k.Must(said, "passed."+string(st.Application.ID), "请选择“%s”是否通过", st.Application.OrgName)
			k.Must(!said || x.Passed || len([]rune(x.Reason)) >= 2, "reason."+string(st.Application.ID), "请写明“%s”不通过的原因", st.Application.OrgName)
			k.Must(len([]rune(x.Reason)) <= 2000, "reason."+string(st.Application.ID), "原因不超过 2000 字")
			if x.Passed {
				passed++
			}
			o := Outcome{Call: to, Round: b.round, Application: st.Application.ID, Passed: x.Passed, Mean: st.Mean, Spread: st.Spread,
				Sheets: int64(len(st.Sheets)), Reason: x.Reason}
			out = append(out, o)
		}
		if err := k.Err(); err != nil {
			return err
		}
		for part := range slices.Chunk(out, 200) {
			if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
				return db.Translate(err)
			}
		}
		if err := db.One(tx.NewUpdate().Model((*Round)(nil)).Set("settled_by = ?, settled_at = ?", who.Account, now).
			Where("call = ? AND round = ? AND settled_at IS NULL", to, b.round).Exec(ctx)); err != nil {
			return err
		}
		return note(ctx, tx, who, now, to, "评审结束", fmt.Sprintf("第 %d 轮：%d 份通过，共 %d 份", b.round, passed, len(v.Standings)))
	})
}

// Recommended says what the review came to for an application that is to be
// decided: Conflict while it is still being reviewed. In a transaction.
func (s *Service) Recommended(ctx context.Context, d bun.IDB, c call.Call, a application.Application) (bool, error) {
	var o Outcome
	err := d.NewSelect().Model(&o).Where("application = ?", a.ID).Order("round DESC").Limit(1).Scan(ctx)
	if err = db.Found(err, "评审结果"); fault.Is(err, fault.NotFound) || err == nil && o.Passed && o.Round < int64(len(c.Form.Rounds)) {
		return false, fault.New(fault.Conflict, "“%s”的评审还没有结束，不能决定", a.OrgName)
	}
	return o.Passed, err
}
