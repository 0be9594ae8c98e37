package donation

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/fund"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/storage/db"
)

const noun = "捐赠"

// Read reads a donation with its goods; it authorises nobody.
func Read(ctx context.Context, d bun.IDB, donation id.ID) (Donation, error) {
	return read(ctx, d, donation, false)
}

// ForUpdate is Read with the donation's row locked for the transaction.
func ForUpdate(ctx context.Context, tx bun.IDB, donation id.ID) (Donation, error) {
	return read(ctx, tx, donation, true)
}

func read(ctx context.Context, d bun.IDB, donation id.ID, lock bool) (Donation, error) {
	var x Donation
	q := d.NewSelect().Model(&x).Where("id = ?", donation)
	if lock {
		q = db.Lock(q)
	}
	if err := q.Scan(ctx); err != nil {
		return x, db.Found(err, noun)
	}
	return x, fill(ctx, d, []*Donation{&x})
}

// ReadAll is Read for many donations; those that do not exist are left out.
func ReadAll(ctx context.Context, d bun.IDB, donations []id.ID) (map[id.ID]Donation, error) {
	return readAll(ctx, d, donations, false)
}

// ForUpdateAll is ReadAll with the rows locked, in the order of their ids so
// that two transactions over the same ones never wait for each other.
func ForUpdateAll(ctx context.Context, tx bun.IDB, donations []id.ID) (map[id.ID]Donation, error) {
	return readAll(ctx, tx, donations, true)
}

func readAll(ctx context.Context, d bun.IDB, donations []id.ID, lock bool) (map[id.ID]Donation, error) {
	var list []Donation
	q := d.NewSelect().Model(&list).Where("id IN (?)", bun.List(donations)).Order("id")
	if lock {
		q = db.Lock(q)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	refs := make([]*Donation, len(list))
	for i := range list {
		refs[i] = &list[i]
	}
	if err := fill(ctx, d, refs); err != nil {
		return nil, err
	}
	out := make(map[id.ID]Donation, len(list))
	for _, d := range list {
		out[d.ID] = d
	}
	return out, nil
}

// fill reads the goods of several donations at once.
func fill(ctx context.Context, d bun.IDB, list []*Donation) error {
	byID := map[id.ID]*Donation{}
	var ids []id.ID
	for _, x := range list {
		if x.Kind == Goods {
			byID[x.ID] = x
			ids = append(ids, x.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var lines []Line
	if err := d.NewSelect().Model(&lines).Where("donation IN (?)", bun.List(ids)).Order("donation", "line").Scan(ctx); err != nil {
		return db.Translate(err)
	}
	for _, l := range lines {
		byID[l.Donation].Lines = append(byID[l.Donation].Lines, l)
	}
	return nil
}

func insert(ctx context.Context, tx bun.IDB, d *Donation) error {
	if _, err := tx.NewInsert().Model(d).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	if len(d.Lines) == 0 {
		return nil
	}
	for i := range d.Lines {
		d.Lines[i].Donation = d.ID
	}
	_, err := tx.NewInsert().Model(&d.Lines).Exec(ctx)
	return db.Translate(err)
}

// decide writes what happened to a donation that was pledged.
func decide(ctx context.Context, tx bun.IDB, d *Donation) error {
	return db.One(tx.NewUpdate().Model(d).
		Column("state", "arrived", "arrived_at", "ledger_tx", "note", "decided_by", "decided_at", "reason").
		Where("id = ? AND state = ?", d.ID, Pledged).Exec(ctx))
}

// saveRefund writes how far a refund is.
func saveRefund(ctx context.Context, tx bun.IDB, d *Donation) error {
	return db.One(tx.NewUpdate().Model(d).
		Column("state", "reason", "refund_reason", "refund_asked_by", "refund_asked_at", "refund_tx", "refunded_at").
		Where("id = ? AND state = ?", d.ID, Confirmed).Exec(ctx))
}

// accepting reads and locks a fund that takes donations. One that is to end
// takes only what was pledged before; one that has ended takes none, also none
// that were pledged before.
func accepting(ctx context.Context, tx bun.Tx, of id.ID, pledged bool) (fund.Fund, error) {
	f, err := fund.ForUpdate(ctx, tx, of)
	switch {
	case err != nil:
	case !f.State.Public():
		err = fault.New(fault.NotFound, "没有找到这个基金，可能尚未公开，或地址有误")
	case f.State == fund.Winding && pledged:
	case f.State == fund.Winding:
		err = fault.New(fault.Conflict, "“%s”正在终止清算，不再接收新的捐赠", f.FullName())
	case f.State != fund.Active || f.CashAccount == nil:
		err = fault.New(fault.Conflict, "“%s”已终止，不再接收捐赠", f.FullName())
	}
	return f, err
}

// belongs reports whether a person acts for an organisation at present.
func belongs(ctx context.Context, d bun.IDB, person, org id.ID) (bool, error) {
	ok, err := d.NewSelect().Model((*account.Membership)(nil)).
		Where("account = ? AND organisation = ? AND ended_at IS NULL", person, org).Exists(ctx)
	return ok, db.Translate(err)
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	State State
	Kind  Kind
	Fund  id.ID
	Text  string // of the reference or the donor's name
	Year  int    // of the arrival, or of the pledge where nothing came; Beijing time
	After id.ID  // keyset: older than this one
	Limit int    // 0 means 20, at most 200
}

func (f Filter) limit() int {
	if f.Limit <= 0 || f.Limit > 200 {
		return 20
	}
	return f.Limit
}

// narrow is the filter in SQL. Donors who hide from the reader are not found by
// their names: all says that none does.
func (f Filter) narrow(q *bun.SelectQuery, all bool) *bun.SelectQuery {
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	if f.Fund != "" {
		q = q.Where("fund = ?", f.Fund)
	}
	if f.Year > 0 {
		from := time.Date(f.Year, 1, 1, 0, 0, 0, 0, clock.Beijing)
		q = q.Where("COALESCE(arrived_at, created_at) >= ? AND COALESCE(arrived_at, created_at) < ?", from, from.AddDate(1, 0, 0))
	}
	if t := strings.TrimSpace(f.Text); t != "" {
		like := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(t) + "%"
		q = q.Where("(reference = ? OR donor_name LIKE ? ESCAPE '!' AND (? OR NOT confidential))", strings.ToUpper(t), like, all)
	}
	return q
}

// List is one page of donations and how many there are under the filter.
type List struct {
	Items []Donation
	Total int
	Next  id.ID // the After of the following page; "" at the end
}

func (s *Service) list(ctx context.Context, f Filter, all bool, scope func(*bun.SelectQuery) *bun.SelectQuery) (List, error) {
	out, err := s.page(ctx, f, all, scope)
	if err != nil {
		return out, err
	}
	total, err := f.narrow(scope(s.db.NewSelect().Model((*Donation)(nil))), all).Count(ctx)
	out.Total = int(total)
	return out, db.Translate(err)
}

// page is list without the count.
func (s *Service) page(ctx context.Context, f Filter, all bool, scope func(*bun.SelectQuery) *bun.SelectQuery) (List, error) {
	var out List
	q := f.narrow(scope(s.db.NewSelect().Model(&out.Items)), all).Order("id DESC").Limit(int64(f.limit()) + 1)
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	if err := q.Scan(ctx); err != nil {
		return out, db.Translate(err)
	}
	if len(out.Items) > f.limit() {
		out.Items = out.Items[:f.limit()]
		out.Next = out.Items[f.limit()-1].ID
	}
	refs := make([]*Donation, len(out.Items))
	for i := range out.Items {
		refs[i] = &out.Items[i]
	}
	return out, fill(ctx, s.db, refs)
}

// Mine lists what the actor gave, newest first: the organisation's donations
// when acting for one, else the person's own.
func (s *Service) Mine(ctx context.Context, who party.Actor, f Filter) (List, error) {
	if !who.SignedIn() {
		return List{}, fault.New(fault.Unauthenticated, "请先登录")
	}
	return s.list(ctx, f, true, func(q *bun.SelectQuery) *bun.SelectQuery {
		if who.Org != "" {
			return q.Where("donor_org = ?", who.Org)
		}
		return q.Where("donor_account = ?", who.Account)
	})
}

// AtFoundation lists the donations to the actor's foundation, newest first.
func (s *Service) AtFoundation(ctx context.Context, who party.Actor, f Filter) (List, error) {
	if err := s.policy.Require(who.Relations(), "donation.any", "list"); err != nil {
		return List{}, err
	}
	l, err := s.list(ctx, f, KnowsAll(s.policy, who, who.Org), func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("foundation = ?", who.Org) })
	for i, d := range l.Items {
		l.Items[i] = s.seen(who, d)
	}
	return l, err
}

// GivenTo is what a fund has received, newest first, as the public may see it.
// after is the Cursor of the last one seen, "" to begin.
func (s *Service) GivenTo(ctx context.Context, fund id.ID, after id.ID, limit int) ([]Given, error) {
	l, err := s.page(ctx, Filter{State: Confirmed, Fund: fund, After: after, Limit: limit}, true,
		func(q *bun.SelectQuery) *bun.SelectQuery { return q })
	out := make([]Given, 0, len(l.Items))
	for _, d := range l.Items {
		out = append(out, d.given())
	}
	return out, err
}

// Arrivals are all donations of the actor that came, in the order in which
// they did.
func Arrivals(ctx context.Context, d bun.IDB, who party.Actor) ([]Donation, error) {
	var list []Donation
	q := d.NewSelect().Model(&list).Where("state = ?", Confirmed).Order("arrived_at", "id")
	if who.Org != "" {
		q = q.Where("donor_org = ?", who.Org)
	} else {
		q = q.Where("donor_account = ?", who.Account)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	refs := make([]*Donation, len(list))
	for i := range list {
		refs[i] = &list[i]
	}
	return list, fill(ctx, d, refs)
}
