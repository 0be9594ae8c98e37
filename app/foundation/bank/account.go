package bank

import (
	"context"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/names"
	"gongji/app/party"
	"gongji/storage/db"
)

// Opening is the form by which a bank account is entered.
type Opening struct {
	Name     string    `json:"name" description:"开户行，例如 中国银行东莞横沥支行"`
	Tail     string    `json:"tail" description:"账号后四位"`
	Opening  money.Fen `json:"opening" description:"启用日开始时的余额，分"`
	OpenedOn string    `json:"opened_on" description:"启用日，例如 2026-01-01；此前的流水不再导入"`
}

var fourDigits = regexp.MustCompile(`^[0-9A-Za-z]{4}$`)

func (o *Opening) check(c *fault.Check, now time.Time) time.Time {
	o.Name = names.Clean(o.Name, 100)
	n := utf8.RuneCountInString(o.Name)
	c.Must(n >= 2 && n <= 60, "name", "请填写开户行，2–60 个字，例如 中国银行东莞横沥支行")
	c.Must(fourDigits.MatchString(o.Tail), "tail", "请填写账号的后四位")
	if !c.Failed("opening") {
		c.Must(o.Opening >= 0, "opening", "余额不能小于 0 元")
	}
	day, err := time.ParseInLocation(time.DateOnly, o.OpenedOn, clock.Beijing)
	switch {
	case err != nil || day.Year() < 2000:
		c.Fail("opened_on", "请填写日期，例如 2026-01-01")
	case day.After(now):
		c.Fail("opened_on", "启用日不能晚于今天")
	}
	return day
}

// Add enters a bank account with what it holds; complaints are of fields that
// could not be read before. The opening balance counts as the funds'.
func (s *Service) Add(ctx context.Context, who party.Actor, in Opening, c *fault.Check) (Account, error) {
	if err := s.require(who, "import"); err != nil {
		return Account{}, err
	}
	now := s.clock.Now()
	day := in.check(c, now)
	if c.Err() != nil {
		return Account{}, c.Err()
	}
	a := Account{ID: id.New(now), Foundation: who.Org, Name: in.Name, Tail: in.Tail, Opening: in.Opening, OpenedOn: in.OpenedOn,
		CreatedBy: who.Account, CreatedAt: now}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		cash, err := s.Ledger.Open(ctx, tx, who.Org, ledger.Owner{Kind: "bank_account", ID: a.ID}, ledger.BankCash)
		if err != nil {
			return err
		}
		a.Ledger = cash.ID
		if _, err := tx.NewInsert().Model(&a).Exec(ctx); err != nil {
			if db.Duplicate(err) {
				return fault.New(fault.Conflict, "“%s”已经登记过", a.Title())
			}
			return db.Translate(err)
		}
		if a.Opening > 0 {
			to, err := s.sides(ctx, tx, who.Org)
			if err != nil {
				return err
			}
			// The day before: the account's first day begins with it.
			if _, err := s.Ledger.Post(ctx, tx, who, ledger.Posting{Book: who.Org, Cause: ledger.Cause{Kind: "bank_account", ID: a.ID}, Memo: "银行账户启用余额",
				Key: "bank/open/" + string(a.ID), Lines: ledger.Move(to.settled, cash.ID, a.Opening), On: day.AddDate(0, 0, -1)}); err != nil {
				return err
			}
		}
		return record(ctx, tx, who, s, "bank_account", a.ID, "登记银行账户", a.Title())
	})
	return a, err
}

// sides are the accounts on the other side of a foundation's bank accounts.
type sides struct{ unclaimed, unexplained, settled, other id.ID }

func (s *Service) sides(ctx context.Context, tx bun.Tx, foundation id.ID) (sides, error) {
	var out sides
	for _, x := range []struct {
		kind ledger.Kind
		into *id.ID
	}{{ledger.Unclaimed, &out.unclaimed}, {ledger.Unexplained, &out.unexplained}, {ledger.Settled, &out.settled}, {ledger.Other, &out.other}} {
		a, err := s.Ledger.Open(ctx, tx, foundation, ledger.Owner{Kind: "organisation", ID: foundation}, x.kind)
		if err != nil {
			return out, err
		}
		*x.into = a.ID
	}
	return out, nil
}

// Accounts lists the bank accounts of the actor's foundation with what they
// hold and the last day that was imported.
func (s *Service) Accounts(ctx context.Context, who party.Actor) ([]Account, error) {
	if err := s.require(who, "view"); err != nil {
		return nil, err
	}
	return accounts(ctx, s.db, who.Org)
}

func accounts(ctx context.Context, d bun.IDB, foundation id.ID) ([]Account, error) {
	out := []Account{}
	err := d.NewSelect().Model(&out).ColumnExpr("account.*").
		ColumnExpr("(SELECT l.balance FROM ledger_account AS l WHERE l.id = account.ledger) AS balance").
		ColumnExpr("COALESCE((SELECT MAX(x.on_day) FROM bank_line AS x WHERE x.bank = account.id), '') AS last_day").
		Where("foundation = ?", foundation).Order("id").Scan(ctx)
	return out, db.Translate(err)
}

func readAccount(ctx context.Context, d bun.IDB, foundation, account id.ID, lock bool) (Account, error) {
	var a Account
	q := d.NewSelect().Model(&a).Where("id = ? AND foundation = ?", account, foundation)
	if lock {
		q = db.Lock(q)
	}
	err := q.Scan(ctx)
	return a, db.Found(err, "银行账户")
}
