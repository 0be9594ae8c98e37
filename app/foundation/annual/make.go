package annual

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/trust/number"
	"gongji/storage/db"
)

// Make issues the actor's statement of one year at one foundation. Where
// nothing has changed since the last it is given again; else the last is
// marked as replaced. Errors: NotFound where nothing came that year.
func (s *Service) Make(ctx context.Context, who party.Actor, foundation id.ID, year int) (Statement, error) {
	all, err := s.gather(ctx, s.db, who)
	if err != nil {
		return Statement{}, err
	}
	var out Statement
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		// Pressed twice, the second waits here and finds the first's.
		if err := db.Lock(tx.NewSelect().Model((*account.Account)(nil)).Column("id").Where("id = ?", who.Account)).Scan(ctx, new(id.ID)); err != nil {
			return db.Translate(err)
		}
		at := slices.IndexFunc(all, func(g gathered) bool { return g.Foundation == foundation && g.Year.Year == year })
		if at < 0 {
			return fault.New(fault.NotFound, "%d 年没有您捐给这个基金会并已到账的款物，没有可汇总的", year)
		}
		g := all[at]
		if len(g.lines) > mostGifts {
			return fault.New(fault.Conflict, "这一年超过 %d 笔，请导出表格，或向基金会索取汇总", mostGifts)
		}
		hash, err := g.hash()
		if err != nil {
			return err
		}
		var made []Statement
		if err := mine(tx.NewSelect().Model(&made), who).Where("foundation = ? AND year = ?", foundation, year).Order("number DESC").Limit(1).Scan(ctx); err != nil {
			return db.Translate(err)
		}
		if len(made) > 0 && made[0].Content == hash {
			out = made[0]
			return nil
		}
		if out, err = s.issue(ctx, tx, who, g, hash); err != nil || len(made) == 0 {
			return err
		}
		return s.archive.Revoke(ctx, tx, made[0].Document, "捐赠或收据有变化，由新的汇总 "+out.Number+" 替代")
	})
	return out, err
}

func (s *Service) issue(ctx context.Context, tx bun.Tx, who party.Actor, g gathered, hash string) (Statement, error) {
	now := s.clock.Now()
	issued := now.In(clock.Beijing).Year()
	no, err := number.Next(ctx, tx, number.Scope(ObjectKind, string(g.Foundation), issued))
	if err != nil {
		return Statement{}, err
	}
	x := Statement{ID: id.New(now), Foundation: g.Foundation, Year: g.Year.Year, Number: fmt.Sprintf("汇总%d-%06d", issued, no), Content: hash, CreatedBy: who.Account, CreatedAt: now}
	if who.Org != "" {
		x.DonorOrg = &who.Org
	} else {
		x.DonorAccount = &who.Account
	}
	code := archive.NewCode()
	c := document.AnnualStatement{Issue: document.Issue{Number: x.Number, Code: code, VerifyURL: s.public + "/verify/" + code, Issuer: g.FoundationName, IssuedAt: now, Demo: g.demo},
		Donor: g.donor.Name(), Year: g.Year.Year, Lines: g.lines, Total: g.Total, Receipted: g.Receipted}
	if g.donor.DonorUSCC != nil {
		c.DonorUSCC = *g.donor.DonorUSCC
	}
	shown := g.donor
	shown.Hidden = true // the page of a code that went astray tells nobody who gave
	doc, err := s.archive.Issue(ctx, tx, archive.Item{Kind: document.KindAnnualStatement, OwnerKind: ObjectKind, OwnerID: x.ID, Title: "年度捐赠汇总",
		Number: x.Number, Issuer: g.FoundationName, Code: code, Content: c, Facts: []archive.Fact{{Label: "捐赠人", Value: shown.Masked()},
			{Label: "年度", Value: strconv.Itoa(g.Year.Year)}, {Label: "捐赠笔数", Value: strconv.Itoa(g.Count)}, {Label: "金额合计", Value: g.Total.Yuan() + " 元"},
			{Label: "其中已开收据", Value: g.Receipted.Yuan() + " 元"}, {Label: "性质", Value: "年度捐赠汇总，不是票据"}}})
	if err != nil {
		return x, err
	}
	x.Document = doc.ID
	_, err = tx.NewInsert().Model(&x).Exec(ctx)
	return x, db.Translate(err)
}

// gather reads all that the actor gave and that came, by year and foundation.
func (s *Service) gather(ctx context.Context, d bun.IDB, who party.Actor) ([]gathered, error) {
	if !who.SignedIn() {
		return nil, fault.New(fault.Unauthenticated, "请先登录")
	}
	gifts, err := donation.Arrivals(ctx, d, who)
	if err != nil {
		return nil, err
	}
	ids := make([]id.ID, len(gifts))
	for i, g := range gifts {
		ids[i] = g.ID
	}
	receipts, err := s.receipts.Of(ctx, who, ids, true)
	if err != nil {
		return nil, err
	}
	funds, at, out := map[id.ID]fund.Fund{}, map[string]int{}, []gathered{}
	for _, g := range gifts {
		f, ok := funds[g.Fund]
		if !ok {
			if f, err = fund.Read(ctx, d, g.Fund); err != nil {
				return nil, err
			}
			funds[g.Fund] = f
		}
		year := g.ArrivedAt.In(clock.Beijing).Year()
		key := fmt.Sprint(year, g.Foundation)
		n, ok := at[key]
		if !ok {
			n, at[key] = len(out), len(out)
			out = append(out, gathered{Year: Year{Foundation: g.Foundation, FoundationName: f.FoundationName, Year: year}})
		}
		if err := out[n].take(g, f, receipts[g.ID]); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b gathered) int { return cmp.Compare(b.Year.Year, a.Year.Year) })
	return out, nil
}

// take adds one donation to its year.
func (g *gathered) take(x donation.Donation, f fund.Fund, receipts []receipt.Row) error {
	amount, err := x.Receiptable()
	if err != nil {
		return err
	}
	l := document.AnnualGift{On: *x.ArrivedAt, Reference: x.Reference, Project: f.FullName(), What: "资金", Amount: amount}
	if x.Kind == donation.Goods {
		l.What = things(x)
	}
	for _, r := range receipts {
		if r.State == receipt.Issued {
			l.Receipt, l.Fiscal = r.Number(), r.FiscalNumber
		}
	}
	g.Count++
	if amount != nil {
		if g.Total, err = money.Add(g.Total, *amount); err != nil {
			return err
		}
		if l.Receipt != "" {
			g.Receipted += *amount
		}
	}
	if l.Receipt == "" {
		g.Waiting++
	}
	g.lines, g.donor, g.demo = append(g.lines, l), x, g.demo || f.Demo
	return nil
}

func things(x donation.Donation) string {
	out := ""
	for _, l := range x.Lines {
		if l.Arrived == nil || *l.Arrived == 0 {
			continue
		}
		if out != "" {
			out += "、"
		}
		out += l.Name + " " + strconv.FormatInt(*l.Arrived, 10) + l.Measure()
	}
	return out
}
