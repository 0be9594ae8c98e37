package revision

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/storage/db"
)

// frame is what a proposal is held to.
type frame struct {
	paid   money.Fen   // so far
	before []money.Fen // what approved changes added, or took
	now    time.Time
}

// changes are what the approved changes of an engagement added, in 分.
func changes(ctx context.Context, d bun.IDB, of id.ID) ([]money.Fen, error) {
	var out []money.Fen
	err := d.NewSelect().Model((*Revision)(nil)).Column("added").Where("engagement = ? AND state = ? AND added IS NOT NULL", of, Approved).Order("id").Scan(ctx, &out)
	return out, db.Translate(err)
}

// read holds a proposal to the engagement and to what happened to it before.
func (in Input) read(e engagement.Engagement, x frame) (Revision, error) {
	r := Revision{Kind: in.Kind, Reason: strings.TrimSpace(in.Reason)}
	var c fault.Check
	text := func(field string, to *string, typed, ask string) {
		*to = strings.TrimSpace(typed)
		c.Must(*to != "", field, "%s", ask)
		c.Must(utf8.ValidString(*to) && utf8.RuneCountInString(*to) <= 2000, field, "不超过 2000 个字")
	}
	c.Must(in.Kind.Name() != "", "kind", "请选择提前终止、延期还是变更")
	text("reason", &r.Reason, in.Reason, "请写明理由，理由将公开")
	if by, err := plan.Day(in.StatementBy); err != nil || by.Before(calendar.Date(x.now).AddDate(0, 0, StatementDays)) {
		c.Fail("statement_by", "请给对方至少 %d 天陈述意见", StatementDays)
	} else {
		r.StatementBy = by.AddDate(0, 0, 1)
	}
	switch in.Kind {
	case Terminate:
		text("clause", &r.Clause, in.Clause, "请写明依据的合同或协议条款，或者法律条文")
		text("delivered", &r.Delivered, in.Delivered, "请写明已经履行的内容")
		in.settle(e, x, &r, &c)
	case Extend:
		c.Must(e.Kind == engagement.Grant, "kind", "购买服务合同的延期在合同变更里办理")
		end, err := plan.Day(in.EndsOn)
		c.Must(err == nil && end.After(e.End), "ends_on", "新的结束日期应晚于 %s", e.End.In(clock.Beijing).Format("2006年1月2日"))
		c.Must(err != nil || !end.After(e.End.AddDate(1, 0, 0)), "ends_on", "一次最多延期一年")
		r.EndsOn = &end
	case Change:
		c.Must(e.Kind == engagement.Grant, "kind", "购买服务合同的变更和追加在合同变更里办理")
		text("content", &r.Content, in.Content, "请写明变更的内容，内容将公开")
		in.add(e, x, &r, &c)
	}
	return r, c.Err()
}

func (in Input) settle(e engagement.Engagement, x frame, r *Revision, c *fault.Check) {
	sum, err := money.Parse(in.Settled)
	c.Adopt("settled", err)
	c.Must(err != nil || sum >= x.paid, "settled", "已经付了 %s 元，结算总额不能少于它；多付的按约定退还后再结算", x.paid.Yuan())
	c.Must(err != nil || sum <= e.Amount, "settled", "结算总额不能超过约定的 %s 元", e.Amount.Yuan())
	r.Settled = &sum
}

// add reads by how much a grant grows or shrinks: all its changes together, in
// either direction, are at most a share of it as it was agreed.
func (in Input) add(e engagement.Engagement, x frame, r *Revision, c *fault.Check) {
	typed := strings.TrimSpace(in.Added)
	if typed == "" || typed == "0" {
		return
	}
	size, less := strings.CutPrefix(strings.Replace(typed, "－", "-", 1), "-")
	sum, err := money.Parse(size)
	if err != nil {
		c.Adopt("added", err)
		return
	}
	added, agreed, all := sum, e.Amount, sum
	if less {
		added = -sum
	}
	for _, n := range x.before {
		agreed -= n
		all += max(n, -n)
	}
	rule := rules.At(x.now).Must(rules.GrantChange)
	if all.Beyond(agreed, rule.Value) {
		c.FailUnder(rule.Source(), "added", "变更的金额累计%s，原协议 %s 元，已变更 %s 元；更大的改变应重新申请或者另签协议", rule.Limit(), agreed.Yuan(), (all - sum).Yuan())
	}
	c.Must(e.Amount+added >= x.paid, "added", "已经付了 %s 元，变更后的金额不能少于它", x.paid.Yuan())
	r.Added = &added
}
