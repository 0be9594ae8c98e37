package ledger

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
)

// Service keeps the books. It authorises nobody: the decision that posts has.
type Service struct {
	db    *bun.DB
	clock clock.Clock
}

// New makes the service.
func New(d *bun.DB, c clock.Clock) *Service { return &Service{d, c} }

// Open is the account of a kind that an owner has in a book, made if there is
// none yet. Calling it again gives the same account.
func (s *Service) Open(ctx context.Context, tx bun.Tx, bookID id.ID, o Owner, k Kind) (Account, error) {
	floored, ok := floor[k]
	if !ok || o.Kind == "" || o.ID == "" || bookID == "" {
		return Account{}, fault.New(fault.Invalid, "账户种类或归属不正确")
	}
	a, err := find(ctx, tx, bookID, o, k)
	if err == nil || !fault.Is(err, fault.NotFound) {
		return a, err
	}
	now := s.clock.Now()
	b := book{ID: bookID, Head: genesis(string(bookID))}
	if _, err := tx.NewInsert().Model(&b).On("CONFLICT (id) DO NOTHING").Exec(ctx); err != nil {
		return a, db.Translate(err)
	}
	a = Account{ID: id.New(now), Book: bookID, OwnerKind: o.Kind, OwnerID: o.ID, Kind: k, FloorZero: floored, CreatedAt: now}
	if _, err := tx.NewInsert().Model(&a).On("CONFLICT (book, owner_kind, owner_id, kind) DO NOTHING").Exec(ctx); err != nil {
		return a, db.Translate(err)
	}
	return find(ctx, tx, bookID, o, k) // another transaction may have been first
}

func find(ctx context.Context, d bun.IDB, bookID id.ID, o Owner, k Kind) (Account, error) {
	var a Account
	err := d.NewSelect().Model(&a).
		Where("book = ? AND owner_kind = ? AND owner_id = ? AND kind = ?", bookID, o.Kind, o.ID, k).Scan(ctx)
	return a, db.Found(err, "账户")
}

// check refuses a posting that no book could hold.
func (p Posting) check() error {
	if p.Book == "" || p.Cause.Kind == "" || p.Cause.ID == "" || strings.TrimSpace(p.Key) == "" {
		return fault.New(fault.Invalid, "记账缺少账簿、事由或防重复的键")
	}
	if len(p.Lines) < 2 {
		return fault.New(fault.Invalid, "一笔账至少要有两个分录")
	}
	var total money.Fen
	for _, l := range p.Lines {
		if l.Amount == 0 {
			return fault.New(fault.Invalid, "分录的金额不能为零")
		}
		var err error
		if total, err = money.Add(total, l.Amount); err != nil {
			return err
		}
	}
	if total != 0 {
		return fault.New(fault.Invalid, "借贷不平：各分录相加应为零，现差 %s 元", total.Yuan())
	}
	return nil
}

// Post writes a posting into its book in the deciding transaction. The same
// key with the same content gives the first transaction again and changes
// nothing. Errors: Invalid (unbalanced, a zero line, an overflow), Conflict
// (the key was used for something else; a fund's balance does not suffice),
// NotFound (an account that is not in the book).
func (s *Service) Post(ctx context.Context, tx bun.Tx, who party.Actor, p Posting) (Transaction, error) {
	return s.post(ctx, tx, who, p, nil)
}

// Reverse undoes a transaction by writing its opposite. A transaction is
// reversed at most once and a reversal never: post anew instead. Conflict
// where the money has been spent since.
func (s *Service) Reverse(ctx context.Context, tx bun.Tx, who party.Actor, first id.ID, cause Cause, memo, key string) (Transaction, error) {
	t, err := s.Get(ctx, tx, first)
	if err != nil {
		return Transaction{}, err
	}
	if t.Reverses != nil {
		return Transaction{}, fault.New(fault.Conflict, "冲销分录不能再被冲销，请重新记一笔")
	}
	p := Posting{Book: t.Book, Cause: cause, Memo: memo, Key: key}
	for _, l := range t.Lines {
		p.Lines = append(p.Lines, Line{l.Account, -l.Amount})
	}
	return s.post(ctx, tx, who, p, &t.ID)
}

func (s *Service) post(ctx context.Context, tx bun.Tx, who party.Actor, p Posting, reverses *id.ID) (Transaction, error) {
	if err := p.check(); err != nil {
		return Transaction{}, err
	}
	b := book{}
	// The book's row is locked first, by everyone: number and chain need it.
	err := db.Lock(tx.NewSelect().Model(&b).Where("id = ?", p.Book)).Scan(ctx)
	if err != nil {
		return Transaction{}, db.Found(err, "账簿")
	}
	now := s.clock.Now()
	t := Transaction{ID: id.New(now), Book: p.Book, Seq: b.Seq + 1, CauseKind: p.Cause.Kind, CauseID: p.Cause.ID,
		Memo: p.Memo, At: now, By: who.Account, Key: p.Key, Reverses: reverses, PrevHash: b.Head, Lines: p.Lines}
	if !p.On.IsZero() {
		t.On = p.On.In(clock.Beijing).Format(time.DateOnly)
	}
	t.Content = contentOf(t, p.Lines)
	t.Hash = hashOf(t)
	accounts, first, err := read(ctx, tx, p)
	if err != nil {
		return Transaction{}, err
	}
	if first != nil {
		return repeated(ctx, tx, *first, t)
	}
	if b.Closed != "" && t.Month() <= b.Closed {
		return Transaction{}, closed(b.Closed)
	}
	if reverses != nil {
		taken, err := tx.NewSelect().Model((*Transaction)(nil)).Where("reverses = ?", *reverses).Exists(ctx)
		if err != nil {
			return Transaction{}, db.Translate(err)
		}
		if taken {
			return Transaction{}, fault.New(fault.Conflict, "这笔账已经冲销过，不能再冲销一次")
		}
	}
	entries, err := apply(accounts, t)
	if err != nil {
		return Transaction{}, err
	}
	return t, write(ctx, tx, b, t, entries, accounts)
}

// repeated is the transaction that stands already under the key of t.
func repeated(ctx context.Context, tx bun.Tx, stands id.ID, t Transaction) (Transaction, error) {
	var first Transaction
	if err := tx.NewSelect().Model(&first).Where("id = ?", stands).Scan(ctx); err != nil {
		return first, db.Translate(err)
	}
	if first.Content != t.Content {
		return Transaction{}, fault.New(fault.Conflict, "同一个防重复键已用于另一笔内容不同的账，没有重复入账")
	}
	first.Lines = t.Lines
	return first, nil
}

// read gives the accounts of a posting and what already stands under its key.
// The book's lock covers its accounts: nobody else writes them.
func read(ctx context.Context, tx bun.Tx, p Posting) (map[id.ID]*Account, *id.ID, error) {
	var ids []id.ID
	for _, l := range p.Lines {
		ids = append(ids, l.Account)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var rows []struct {
		Account `bun:",extend"`

		First *id.ID `bun:"first"`
	}
	err := tx.NewSelect().Model(&rows).ModelTableExpr("ledger_account AS a").ColumnExpr("a.*").
		ColumnExpr("(SELECT id FROM ledger_transaction WHERE book = ? AND idem_key = ?) AS first", p.Book, p.Key).
		Where("id IN (?) AND book = ?", bun.List(ids), p.Book).Scan(ctx)
	if err != nil {
		return nil, nil, db.Translate(err)
	}
	if len(rows) != len(ids) {
		return nil, nil, fault.New(fault.NotFound, "分录里有不属于这本账的账户")
	}
	byID := make(map[id.ID]*Account, len(rows))
	for i := range rows {
		byID[rows[i].ID] = &rows[i].Account
	}
	return byID, rows[0].First, nil
}

// apply works the lines into the accounts and refuses what would overdraw or
// overflow. Pure: it changes only what it is given.
func apply(accounts map[id.ID]*Account, t Transaction) ([]entry, error) {
	before := make(map[id.ID]money.Fen, len(accounts))
	for k, a := range accounts {
		before[k] = a.Balance
	}
	month := t.Month()
	entries := make([]entry, 0, len(t.Lines))
	for i, l := range t.Lines {
		a := accounts[l.Account]
		flow := "in"
		if (l.Amount < 0) != (t.Reverses != nil) {
			flow = "out"
		}
		var err error
		if flow == "in" {
			a.In, err = money.Add(a.In, l.Amount)
		} else {
			a.Out, err = money.Sub(a.Out, l.Amount)
		}
		if err != nil {
			return nil, err
		}
		if a.Balance, err = money.Add(a.Balance, l.Amount); err != nil {
			return nil, err
		}
		entries = append(entries, entry{Tx: t.ID, Line: i + 1, Account: a.ID, Seq: t.Seq, Amount: l.Amount,
			Balance: a.Balance, Flow: flow, Month: month})
	}
	for k, a := range accounts {
		if a.FloorZero && a.Balance < 0 {
			return nil, short(before[k], a.Balance)
		}
	}
	return entries, nil
}

func short(available, after money.Fen) error {
	need, err := money.Sub(available, after)
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "余额不足：可用 %s 元，本次需要 %s 元", available.Yuan(), need.Yuan())
}

// write sends the posting in one go: each way to the server and back is a
// tenth of a posting's time, and the book's lock is held for all of them.
func write(ctx context.Context, tx bun.Tx, b book, t Transaction, entries []entry, accounts map[id.ID]*Account) error {
	return db.One(tx.NewRaw("?;\n?;\n?;\n?",
		tx.NewInsert().Model(&t),
		tx.NewInsert().Model(&entries),
		balances(tx, accounts),
		tx.NewUpdate().Model((*book)(nil)).Set("seq = ?, head = ?", t.Seq, t.Hash).Where("id = ? AND seq = ?", b.ID, b.Seq),
	).Exec(ctx))
}

// balances changes all the accounts of a posting in one statement.
func balances(tx bun.Tx, accounts map[id.ID]*Account) *bun.UpdateQuery {
	q := tx.NewUpdate().Model((*Account)(nil))
	ids := make([]id.ID, 0, len(accounts))
	for _, column := range []struct {
		name  string
		value func(*Account) money.Fen
	}{{"balance", func(a *Account) money.Fen { return a.Balance }}, {"money_in", func(a *Account) money.Fen { return a.In }}, {"money_out", func(a *Account) money.Fen { return a.Out }}} {
		cases, args := strings.Builder{}, []any{}
		for k, a := range accounts {
			cases.WriteString(" WHEN ? THEN ?")
			args = append(args, k, column.value(a))
		}
		q = q.Set(column.name+" = CASE id"+cases.String()+" END", args...)
	}
	for k := range accounts {
		ids = append(ids, k)
	}
	return q.Where("id IN (?)", bun.List(ids))
}

// Get reads a transaction with its lines.
func (s *Service) Get(ctx context.Context, d bun.IDB, tx id.ID) (Transaction, error) {
	var t Transaction
	if err := d.NewSelect().Model(&t).Where("id = ?", tx).Scan(ctx); err != nil {
		return t, db.Found(err, "账目")
	}
	var es []entry
	if err := d.NewSelect().Model(&es).Where("tx = ?", tx).Order("line").Scan(ctx); err != nil {
		return t, db.Translate(err)
	}
	for _, e := range es {
		t.Lines = append(t.Lines, Line{e.Account, e.Amount})
	}
	return t, nil
}
