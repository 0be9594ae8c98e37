package bank

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/foundation/ledger"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// MonthState is how far a month is.
type MonthState string

// The states of a month that somebody has begun to close.
const (
	Prepared MonthState = "prepared" // 待结账确认
	Closed   MonthState = "closed"   // 已结账
)

// Month is the closing of one month of a foundation's bank accounts.
type Month struct {
	bun.BaseModel `bun:"table:bank_month"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Foundation id.ID      `bun:"foundation" json:"foundation"`
	Month      string     `bun:"month" json:"month"` // "2026-05"
	State      MonthState `bun:"state" json:"state"`
	Sheet      Sheet      `bun:"sheet" json:"sheet"`
	Note       string     `bun:"note" json:"note,omitempty"`
	PreparedBy id.ID      `bun:"prepared_by" json:"-"`
	Preparer   string     `bun:"preparer" json:"preparer"`
	PreparedAt time.Time  `bun:"prepared_at" json:"prepared_at"`
	ClosedBy   *id.ID     `bun:"closed_by" json:"-"`
	Closer     string     `bun:"closer" json:"closer,omitempty"`
	ClosedAt   *time.Time `bun:"closed_at" json:"closed_at,omitempty"`
}

// Sheet is what the books say of a month, beside what the statements say. All
// amounts in 分.
type Sheet struct {
	Accounts    []Balance `json:"accounts"`
	Unclaimed   Heap      `json:"unclaimed"`   // up to the month's end and still nobody's
	Unexplained Heap      `json:"unexplained"` // likewise
	Proposed    Heap      `json:"proposed"`    // likewise, waiting for the second person
	// Funds is what the funds hold now; Settled what of the bank's money belongs
	// to them. They differ by what one side has and the other not yet.
	Funds   money.Fen `json:"funds"`
	Settled money.Fen `json:"settled"`
	Sundry  money.Fen `json:"sundry"`  // interest less fees, all that there was
	ByHand  Heap      `json:"by_hand"` // donations confirmed without a line
	Unpaid  Heap      `json:"unpaid"`  // payments without a line
}

// Apart is by how much the funds hold more than the bank has for them.
func (s Sheet) Apart() money.Fen { return s.Funds - s.Settled }

// Even reports whether every statement's closing balance was given and is
// what the books say.
func (s Sheet) Even() bool {
	for _, a := range s.Accounts {
		if a.Stated == nil || *a.Stated != a.Closing {
			return false
		}
	}
	return len(s.Accounts) > 0
}

// Balance is one bank account in a month, in 分.
type Balance struct {
	Account id.ID      `json:"account"`
	Title   string     `json:"title"`
	Opening money.Fen  `json:"opening"`
	In      money.Fen  `json:"in"`
	Out     money.Fen  `json:"out"` // positive
	Closing money.Fen  `json:"closing"`
	Lines   int        `json:"lines"`
	Stated  *money.Fen `json:"stated,omitempty"` // the statement's closing balance
	Bad     int        `json:"bad"`              // rows that were not imported of files with days in the month
}

// Difference is the statement's closing balance less the books'; 0 while it
// is not known.
func (b Balance) Difference() money.Fen {
	if b.Stated == nil {
		return 0
	}
	return *b.Stated - b.Closing
}

// span checks a month and gives its last day.
func span(month string, now time.Time) (last string, over bool, err error) {
	t, err := time.ParseInLocation("2006-01", month, clock.Beijing)
	if err != nil || t.Year() < 2000 {
		return "", false, fault.New(fault.NotFound, "没有这个月份，应写成 2026-05 这样")
	}
	next := t.AddDate(0, 1, 0)
	return next.AddDate(0, 0, -1).Format(time.DateOnly), !now.Before(next), nil
}

// Month shows a month of the actor's foundation: as it was closed, or as it
// stands. m is nil where nobody has begun to close it.
func (s *Service) Month(ctx context.Context, who party.Actor, month string) (m *Month, sheet Sheet, err error) {
	if err := s.require(who, "view"); err != nil {
		return nil, sheet, err
	}
	last, _, err := span(month, s.clock.Now())
	if err != nil {
		return nil, sheet, err
	}
	m, err = readMonth(ctx, s.db, who.Org, month, false)
	if err != nil {
		return nil, sheet, err
	}
	if m != nil && m.State == Closed {
		return m, m.Sheet, nil
	}
	sheet, err = s.sheet(ctx, s.db, who.Org, month, last)
	if m != nil {
		sheet.stated(m.Sheet)
	}
	return m, sheet, err
}

// Months lists the months of the actor's foundation that have lines or were
// closed, newest first.
func (s *Service) Months(ctx context.Context, who party.Actor) ([]MonthRow, error) {
	if err := s.require(who, "view"); err != nil {
		return nil, err
	}
	rows := []MonthRow{}
	err := s.db.NewSelect().TableExpr("bank_line AS l").ColumnExpr("substr(l.on_day, 1, 7) AS month, count(*) AS lines").
		ColumnExpr("CAST(SUM(CASE WHEN l.state = 'booked' THEN 0 ELSE 1 END) AS BIGINT) AS left_over").
		Where("l.foundation = ?", who.Org).GroupExpr("substr(l.on_day, 1, 7)").OrderExpr("month DESC").Limit(120).Scan(ctx, &rows)
	if err != nil {
		return nil, db.Translate(err)
	}
	var begun []Month
	if err := s.db.NewSelect().Model(&begun).Column("month", "state").Where("foundation = ?", who.Org).Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	for i := range rows {
		for _, m := range begun {
			if m.Month == rows[i].Month {
				rows[i].State = m.State
			}
		}
	}
	return rows, nil
}

// MonthRow is a month in a list.
type MonthRow struct {
	Month string     `bun:"month" json:"month"`
	Lines int        `bun:"lines" json:"lines"`
	Left  int        `bun:"left_over" json:"left"` // lines nobody has confirmed
	State MonthState `bun:"state" json:"state"`    // "" while nobody has begun to close it
}

func (s *Service) sheet(ctx context.Context, d bun.IDB, foundation id.ID, month, last string) (Sheet, error) {
	var out Sheet
	all, err := accounts(ctx, d, foundation)
	if err != nil {
		return out, err
	}
	before, err := time.Parse("2006-01", month)
	if err != nil {
		return out, err
	}
	for _, a := range all {
		if a.OpenedOn > last {
			continue
		}
		b := Balance{Account: a.ID, Title: a.Title()}
		if b.Opening, err = ledger.Until(ctx, d, a.Ledger, before.AddDate(0, -1, 0).Format("2006-01")); err != nil {
			return out, err
		}
		if a.OpenedOn > month+"-01" { // begun within the month: what it held then is where it begins
			b.Opening += a.Opening
		}
		if b.Closing, err = ledger.Until(ctx, d, a.Ledger, month); err != nil {
			return out, err
		}
		var sum struct {
			N      int
			Income money.Fen
			Spent  money.Fen
		}
		if err := d.NewSelect().Model((*Line)(nil)).ColumnExpr("count(*) AS n").
			ColumnExpr("CAST(COALESCE(SUM(CASE WHEN amount > 0 THEN amount ELSE 0 END), 0) AS BIGINT) AS income").
			ColumnExpr("CAST(COALESCE(SUM(CASE WHEN amount < 0 THEN -amount ELSE 0 END), 0) AS BIGINT) AS spent").
			Where("bank = ? AND on_day >= ? AND on_day <= ?", a.ID, month+"-01", last).Scan(ctx, &sum); err != nil {
			return out, db.Translate(err)
		}
		b.Lines, b.In, b.Out = sum.N, sum.Income, sum.Spent
		if err := d.NewSelect().TableExpr("bank_bad AS x").Join("JOIN bank_import AS i ON i.id = x.import").ColumnExpr("count(*)").
			Where("i.bank = ? AND i.state = ? AND i.since <= ? AND i.until >= ?", a.ID, Done, last, month+"-01").Scan(ctx, &b.Bad); err != nil {
			return out, db.Translate(err)
		}
		out.Accounts = append(out.Accounts, b)
	}
	return out, s.rest(ctx, d, foundation, last, &out)
}

// rest fills in what is not of one account.
func (s *Service) rest(ctx context.Context, d bun.IDB, foundation id.ID, last string, out *Sheet) error {
	lines := func(where string, args ...any) *bun.SelectQuery {
		return d.NewSelect().Model((*Line)(nil)).Where("foundation = ? AND on_day <= ?", foundation, last).Where(where, args...)
	}
	for _, x := range []struct {
		into *Heap
		q    *bun.SelectQuery
	}{{&out.Unclaimed, lines("state = ? AND amount > 0", Open)}, {&out.Unexplained, lines("state = ? AND amount < 0", Open)}, {&out.Proposed, lines("state = ?", Proposed)}} {
		if err := s.heap(ctx, x.q, x.into); err != nil {
			return err
		}
	}
	for _, x := range []struct {
		into *money.Fen
		kind ledger.Kind
	}{{&out.Funds, ledger.FundCash}, {&out.Settled, ledger.Settled}, {&out.Sundry, ledger.Other}} {
		var err error
		if *x.into, err = ledger.OfKind(ctx, d, foundation, x.kind); err != nil {
			return err
		}
	}
	out.Settled, out.Sundry = -out.Settled, -out.Sundry
	matched := "NOT EXISTS (SELECT 1 FROM bank_match AS m WHERE m.kind = ? AND m.target = x.id AND m.state = 'confirmed')"
	for _, x := range []struct {
		into *Heap
		q    *bun.SelectQuery
		sum  string
	}{{&out.ByHand, d.NewSelect().TableExpr("donation AS x").Where("x.foundation = ? AND x.kind = 'money' AND x.state = 'confirmed'", foundation).Where(matched, Gift), "x.arrived"},
		{&out.Unpaid, d.NewSelect().TableExpr("payment AS x").Where("x.foundation = ? AND x.state = 'paid'", foundation).Where(matched, Paid), "x.amount"}} {
		var row struct {
			N   int
			Sum money.Fen
		}
		if err := x.q.ColumnExpr("count(*) AS n, CAST(COALESCE(SUM("+x.sum+"), 0) AS BIGINT) AS sum").Scan(ctx, &row); err != nil {
			return db.Translate(err)
		}
		*x.into = Heap{Count: row.N, Sum: row.Sum}
	}
	return nil
}

// stated takes over the statements' balances from an earlier sheet.
func (s *Sheet) stated(from Sheet) {
	for i := range s.Accounts {
		for _, a := range from.Accounts {
			if a.Account == s.Accounts[i].Account {
				s.Accounts[i].Stated = a.Stated
			}
		}
	}
}

// Stated is what finance read off the statements: the closing balance of each
// account, in 分.
type Stated struct {
	Balances map[id.ID]money.Fen `json:"balances" description:"每个银行账户对账单的月末余额，分"`
	Note     string              `json:"note,omitempty" description:"还有未认领、未核对的流水时，说明情况"`
}

// Prepare writes down the statements' balances and hands the month to the
// second person. Errors: Invalid (a balance that differs: where it may come
// from), Conflict (the month is not over, an earlier one is open, an import
// runs).
func (s *Service) Prepare(ctx context.Context, who party.Actor, month string, in Stated, c *fault.Check) (Month, error) {
	if err := s.require(who, "prepare"); err != nil {
		return Month{}, err
	}
	in.Note = strings.TrimSpace(strings.ToValidUTF8(in.Note, ""))
	var out Month
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		now := s.clock.Now()
		last, err := s.closable(ctx, tx, who.Org, month, now)
		if err != nil {
			return err
		}
		m, err := readMonth(ctx, tx, who.Org, month, true)
		if err != nil {
			return err
		}
		if m != nil && m.State == Closed {
			return fault.New(fault.Conflict, "%s已经结账", ledger.MonthName(month))
		}
		sheet, err := s.sheet(ctx, tx, who.Org, month, last)
		if err != nil {
			return err
		}
		in.check(c, &sheet)
		if c.Err() != nil {
			return c.Err()
		}
		out = Month{ID: id.New(now), Foundation: who.Org, Month: month, State: Prepared, Sheet: sheet, Note: in.Note,
			PreparedBy: who.Account, Preparer: who.Name, PreparedAt: now}
		if m == nil {
			_, err = tx.NewInsert().Model(&out).Exec(ctx)
		} else {
			out.ID = m.ID
			err = db.One(tx.NewUpdate().Model(&out).Column("sheet", "note", "prepared_by", "preparer", "prepared_at").Where("id = ? AND state = ?", m.ID, Prepared).Exec(ctx))
		}
		if err != nil {
			return db.Translate(err)
		}
		if err := s.tell(ctx, tx, who, inbox.Letter{Title: ledger.MonthName(month) + "等待结账", Text: who.Name + "已编制月末对账，账上与银行对账单相符，须由另一位同事结账。",
			Link: "/foundation/bank/months/" + month}); err != nil {
			return err
		}
		return record(ctx, tx, who, s, MonthKind, out.ID, "编制月末对账，待结账", in.Note)
	})
	return out, err
}

// check holds the statements' balances to the books'.
func (in Stated) check(c *fault.Check, sheet *Sheet) {
	for i := range sheet.Accounts {
		a := &sheet.Accounts[i]
		field := "stated." + string(a.Account)
		if c.Failed(field) {
			continue
		}
		f, ok := in.Balances[a.Account]
		if !ok {
			c.Fail(field, "请填写%s对账单的月末余额", a.Title)
			continue
		}
		a.Stated = &f
		if diff := a.Difference(); diff != 0 {
			c.Fail(field, "%s：对账单 %s 元，账上 %s 元，相差 %s 元。%s", a.Title, f.Yuan(), a.Closing.Yuan(), diff.Yuan(), hint(*a))
		}
	}
	c.Must(utf8.RuneCountInString(in.Note) <= 1000, "note", "说明不超过 1000 个字")
	left := sheet.Unclaimed.Count + sheet.Unexplained.Count + sheet.Proposed.Count
	c.Must(left == 0 || in.Note != "", "note", "还有 %d 笔流水没有认领、核对或确认，请说明情况", left)
}

// hint says where a difference most likely comes from.
func hint(b Balance) string {
	if b.Bad > 0 {
		return fmt.Sprintf("这个月的文件有 %d 行没有导入，请先查看导入报告", b.Bad)
	}
	if b.Difference() > 0 {
		return "请核对是否少导入了收入，或有付款没有出现在对账单上"
	}
	return "请核对是否少导入了支出，或流水文件没有覆盖整月"
}

// closable refuses a month that cannot be closed yet and gives its last day.
func (s *Service) closable(ctx context.Context, tx bun.Tx, foundation id.ID, month string, now time.Time) (string, error) {
	last, over, err := span(month, now)
	if err != nil {
		return "", err
	}
	if !over {
		return "", fault.New(fault.Conflict, "%s还没有结束，下月初再结账", ledger.MonthName(month))
	}
	done, err := ledger.Closed(ctx, tx, foundation)
	if err != nil {
		return "", err
	}
	if month <= done {
		return "", fault.New(fault.Conflict, "%s已经结账", ledger.MonthName(month))
	}
	var earlier []string
	if err := tx.NewSelect().Model((*Line)(nil)).ColumnExpr("COALESCE(MIN(on_day), '')").
		Where("foundation = ? AND on_day > ? AND on_day < ?", foundation, done+"-99", month+"-01").Scan(ctx, &earlier); err != nil {
		return "", db.Translate(err)
	}
	if len(earlier) > 0 && earlier[0] != "" {
		return "", fault.New(fault.Conflict, "请先给%s结账：月份要按顺序结", ledger.MonthName(earlier[0][:7]))
	}
	running, err := tx.NewSelect().Model((*Import)(nil)).Where("foundation = ? AND state = ?", foundation, Running).Exists(ctx)
	if err != nil {
		return "", db.Translate(err)
	}
	if running {
		return "", fault.New(fault.Conflict, "有流水正在导入，请等导入完成后再办理")
	}
	return last, nil
}

// Close ends a month that somebody else prepared: nothing is posted into it
// any more. Conflict where the books have moved since, or as for Prepare. The
// same key again is answered with the first result.
func (s *Service) Close(ctx context.Context, who party.Actor, month, key string) (Month, error) {
	if err := s.require(who, "view"); err != nil {
		return Month{}, err
	}
	var out Month
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		m, err := readMonth(ctx, tx, who.Org, month, true)
		if err != nil {
			return err
		}
		if m == nil {
			return fault.New(fault.NotFound, "这个月还没有编制月末对账")
		}
		out = *m
		now := s.clock.Now()
		done, err := ledger.Once(ctx, tx, who, now, ledger.Step{Key: key, Verb: "bank.close", Object: m.ID, Input: month})
		if done || err != nil {
			return err
		}
		rel := side(who, m.Foundation, m.PreparedBy)
		if err := s.policy.Require(append(who.Relations(), rel...), MonthKind+"."+string(m.State), "close"); err != nil {
			if m.State == Prepared && m.PreparedBy == who.Account {
				return fault.New(fault.Forbidden, "月末对账由您编制，请另一位财务人员或秘书长结账")
			}
			return err
		}
		last, err := s.closable(ctx, tx, who.Org, month, now)
		if err != nil {
			return err
		}
		sheet, err := s.sheet(ctx, tx, who.Org, month, last)
		if err != nil {
			return err
		}
		if sheet.stated(m.Sheet); !sheet.Even() {
			return fault.New(fault.Conflict, "编制以后账上又有变动，与对账单余额不再一致，请财务重新编制")
		}
		if err := s.Ledger.Close(ctx, tx, who.Org, month); err != nil {
			return err
		}
		out.State, out.Sheet, out.ClosedBy, out.Closer, out.ClosedAt = Closed, sheet, &who.Account, who.Name, &now
		if err := db.One(tx.NewUpdate().Model(&out).Column("state", "sheet", "closed_by", "closer", "closed_at").Where("id = ? AND state = ?", m.ID, Prepared).Exec(ctx)); err != nil {
			return err
		}
		return record(ctx, tx, who, s, MonthKind, m.ID, "结账", ledger.MonthName(month))
	})
	return out, err
}

// MayClose reports whether the actor may close a prepared month, for showing
// the button.
func (s *Service) MayClose(who party.Actor, m Month) bool {
	return s.policy.Any(append(who.Relations(), side(who, m.Foundation, m.PreparedBy)...), MonthKind+"."+string(m.State), "close")
}

// MonthTimeline lists what happened to a month's closing.
func (s *Service) MonthTimeline(ctx context.Context, who party.Actor, m Month) ([]trail.Event, error) {
	if err := s.require(who, "view"); err != nil || m.Foundation != who.Org {
		return nil, err
	}
	return trail.Of(ctx, s.db, MonthKind, m.ID, false)
}

func readMonth(ctx context.Context, d bun.IDB, foundation id.ID, month string, lock bool) (*Month, error) {
	var m Month
	q := d.NewSelect().Model(&m).Where("foundation = ? AND month = ?", foundation, month)
	if lock {
		q = db.Lock(q)
	}
	err := q.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &m, db.Translate(err)
}
