package payment

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/storage/db"
)

func read(ctx context.Context, d bun.IDB, payment id.ID, lock bool) (Payment, error) {
	var p Payment
	q := d.NewSelect().Model(&p).Where("id = ?", payment)
	if lock {
		q = db.Lock(q)
	}
	if err := q.Scan(ctx); err != nil {
		return p, db.Found(err, "付款")
	}
	err := d.NewSelect().Model(&p.Approvals).Where("payment = ? AND round = ?", p.ID, p.Round).Order("at", "account").Scan(ctx)
	return p, db.Translate(err)
}

func save(ctx context.Context, tx bun.Tx, p *Payment) error {
	was := p.Version
	p.Version++
	return db.One(tx.NewUpdate().Model(p).ExcludeColumn("id", "foundation", "fund", "created_at", "drafted_by").
		Where("id = ? AND version = ?", p.ID, was).Exec(ctx))
}

// payee finds the one approved social organisation of an id, a
// 统一社会信用代码 or a full name; what is left of a fund that ends may also go
// to another foundation. NotFound says how to mend it.
func payee(ctx context.Context, d bun.IDB, typed string, surplus bool) (organisation.Organisation, error) {
	var found []organisation.Organisation
	err := d.NewSelect().Model(&found).Where("id = ? OR uscc = ? OR name = ?", typed, strings.ToUpper(typed), typed).
		Limit(5).Scan(ctx)
	if err != nil {
		return organisation.Organisation{}, db.Translate(err)
	}
	switch {
	case len(found) == 0:
		return organisation.Organisation{}, fault.New(fault.NotFound, "没有找到这个社会组织，请核对统一社会信用代码或全称；对方须先在本平台登记并通过审核")
	case len(found) > 1:
		return organisation.Organisation{}, fault.New(fault.NotFound, "有不止一个组织叫这个名称，请改填统一社会信用代码")
	case found[0].Kind != party.Social && (!surplus || found[0].Kind != party.Foundation):
		return organisation.Organisation{}, fault.New(fault.NotFound, "“%s”不是社会组织，专项基金在这里只向社会组织付款", found[0].Name)
	case found[0].State != organisation.Approved:
		return organisation.Organisation{}, fault.New(fault.NotFound, "“%s”的登记尚未通过审核，暂不能收款", found[0].Name)
	}
	return found[0], nil
}

// Related reports whether one person acts for both organisations: then neither
// may be paid by the other (慈善法第59条).
func Related(ctx context.Context, d bun.IDB, a, b id.ID) (bool, error) { return related(ctx, d, a, b) }

// related reports whether one person acts for both organisations.
func related(ctx context.Context, d bun.IDB, a, b id.ID) (bool, error) {
	ok, err := d.NewSelect().TableExpr("membership AS x").Join("JOIN membership AS y ON y.account = x.account").
		Where("x.organisation = ? AND y.organisation = ?", a, b).
		Where("x.ended_at IS NULL AND y.ended_at IS NULL").Exists(ctx)
	return ok, db.Translate(err)
}

// waiting adds up what is approved and not yet paid, in 分.
func waiting(ctx context.Context, d bun.IDB, from id.ID) (money.Fen, error) {
	var sum money.Fen
	err := d.NewSelect().Model((*Payment)(nil)).ColumnExpr("CAST(COALESCE(SUM(amount), 0) AS BIGINT)").
		Where("fund = ? AND state = ?", from, Approved).Scan(ctx, &sum)
	return sum, db.Translate(err)
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Fund  id.ID
	State State
	Text  string // part of the payee's name or of the purpose
	Mine  bool   // only what the actor may still act on: not what they drafted or have approved, for whoever approves or pays
	After id.ID  // keyset: rows with a smaller id, newest first
	Limit int    // 0 means 20, at most 200
}

var like = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// List gives the payments of the actor's own foundation, newest first; to a
// social organisation, those it was paid.
func (s *Service) List(ctx context.Context, who party.Actor, x Filter) ([]Payment, error) {
	if x.Limit <= 0 || x.Limit > 200 {
		x.Limit = 20
	}
	var out []Payment
	q := x.where(s.db.NewSelect().Model(&out), who).Order("id DESC").Limit(int64(x.Limit))
	if x.After != "" {
		q = q.Where("id < ?", x.After)
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}

// Count is how long List is altogether.
func (s *Service) Count(ctx context.Context, who party.Actor, x Filter) (int, error) {
	n, err := x.where(s.db.NewSelect().Model((*Payment)(nil)), who).Count(ctx)
	return int(n), db.Translate(err)
}

// MayCreate reports whether the actor may draft a payment, for showing the button.
func (s *Service) MayCreate(who party.Actor) bool {
	return s.policy.Any(who.Relations(), Kind+".new", "create")
}

// where narrows a query to what the actor may see and asked for.
func (x Filter) where(q *bun.SelectQuery, who party.Actor) *bun.SelectQuery {
	if who.OrgKind == party.Foundation && who.Org != "" {
		q = q.Where("foundation = ?", who.Org)
	} else {
		q = q.Where("payee = ? AND state = ?", who.Org, Paid)
	}
	if x.Fund != "" {
		q = q.Where("fund = ?", x.Fund)
	}
	if x.State != "" {
		q = q.Where("state = ?", x.State)
	}
	if x.Mine && (who.Role == party.Approver || who.Role == party.Finance) {
		q = q.Where("drafted_by <> ? AND (approved_by IS NULL OR approved_by <> ?)", who.Account, who.Account).
			Where("NOT EXISTS (SELECT 1 FROM payment_approval AS a WHERE a.payment = payment.id AND a.round = payment.round AND a.account = ?)", who.Account)
	}
	if t := strings.TrimSpace(x.Text); t != "" {
		q = q.Where("payee_name || ' ' || purpose LIKE ? ESCAPE '!'", "%"+like.Replace(t)+"%")
	}
	return q
}

// OfFund lists what a fund has paid, newest first, as the public sees it; the
// caller has authorised the view of the fund. limit 0 means 20.
func (s *Service) OfFund(ctx context.Context, from, after id.ID, limit int) ([]Public, error) {
	if limit <= 0 || limit > 200 {
		limit = 20
	}
	var out []Public
	q := s.db.NewSelect().Model((*Payment)(nil)).Column("id", "number", "payee", "payee_name", "purpose", "amount", "paid_at").
		Where("fund = ? AND state = ?", from, Paid).Order("id DESC").Limit(int64(limit))
	if after != "" {
		q = q.Where("id < ?", after)
	}
	err := q.Scan(ctx, &out)
	return out, db.Translate(err)
}

// CountOfFund is how many payments a fund has made.
func (s *Service) CountOfFund(ctx context.Context, from id.ID) (int, error) {
	n, err := s.db.NewSelect().Model((*Payment)(nil)).Where("fund = ? AND state = ?", from, Paid).Count(ctx)
	return int(n), db.Translate(err)
}
