package bank

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
)

// guessJob looks anew for what a foundation's open lines may be.
type guessJob struct {
	Foundation id.ID `json:"foundation"`
}

// Kind names the job.
func (guessJob) Kind() string { return "bank_guess" }

// Look has the open lines guessed anew, after pledges or payments came since.
func (s *Service) Look(ctx context.Context, who party.Actor) error {
	if err := s.require(who, "match"); err != nil {
		return err
	}
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error { return s.Queue.Add(ctx, tx, guessJob{who.Org}) })
}

// guess writes the likeliest to each open line. It decides nothing, so that
// running twice or half does no harm.
func (s *Service) guess(ctx context.Context, foundation id.ID) error {
	came, err := s.candidates(ctx, foundation, true)
	if err != nil {
		return err
	}
	went, err := s.candidates(ctx, foundation, false)
	if err != nil {
		return err
	}
	in, out := newIndex(came), newIndex(went)
	from := time.Now()
	for after := id.ID(""); ; {
		var lines []Line
		if err := s.db.NewSelect().Model(&lines).Where("foundation = ? AND state = ? AND id > ?", foundation, Open, after).Order("id").Limit(atOnce).Scan(ctx); err != nil {
			return db.Translate(err)
		}
		if len(lines) == 0 || time.Since(from) > 2*shift {
			return nil
		}
		err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
			for _, l := range lines {
				x := in
				if !l.Came() {
					x = out
				}
				if err := put(ctx, tx, l, x.rank(l, 1)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		after = lines[len(lines)-1].ID
	}
}

// put writes a guess where it is another than before.
func put(ctx context.Context, tx bun.Tx, l Line, best []Candidate) error {
	kind, score, why := Kind(""), 0, ""
	var target *id.ID
	if len(best) > 0 {
		kind, target, score, why = best[0].Kind, &best[0].Target, best[0].Score, best[0].Why
	}
	same := l.GuessKind == kind && l.Score == score && l.Why == why && (target == nil) == (l.Guess == nil) && (target == nil || *target == *l.Guess)
	if same {
		return nil
	}
	_, err := tx.NewUpdate().Model((*Line)(nil)).Set("guess_kind = ?, guess = ?, score = ?, why = ?", kind, target, score, why).
		Where("id = ? AND state = ?", l.ID, Open).Exec(ctx)
	return db.Translate(err)
}

// Candidates lists what a line may be, the surest first, at most twenty. q
// narrows to a reference or a part of a name, whatever the amount.
func (s *Service) Candidates(ctx context.Context, who party.Actor, line id.ID, q string) ([]Candidate, error) {
	if err := s.require(who, "view"); err != nil {
		return nil, err
	}
	l, err := readLine(ctx, s.db, who.Org, line, false)
	if err != nil {
		return nil, err
	}
	all, err := s.candidates(ctx, l.Foundation, l.Came())
	if err != nil {
		return nil, err
	}
	if !s.knowsAll(who) { // found by what may be known, and named by nothing else
		if _, err := s.cover(ctx, who, &l); err != nil {
			return nil, err
		}
		for i, c := range all {
			if c.Secret {
				all[i].Name, all[i].Label = "", donation.Withheld+"，登记号 "+c.Reference
			}
		}
	}
	x := newIndex(all)
	if q = squeeze(q); q == "" {
		return x.rank(l, 20), nil
	}
	var out []Candidate
	for _, c := range all {
		if contains(c, q) && len(out) < 20 {
			out = append(out, x.score(l, c))
		}
	}
	return out, nil
}

// candidates are what lines of a foundation that came, or went, may be: what
// no live match has taken.
func (s *Service) candidates(ctx context.Context, foundation id.ID, came bool) ([]Candidate, error) {
	if came {
		return s.gifts(ctx, foundation)
	}
	out, err := s.payments(ctx, foundation)
	if err != nil {
		return nil, err
	}
	back, err := s.backs(ctx, foundation)
	return append(out, back...), err
}

const taken = "NOT EXISTS (SELECT 1 FROM bank_match AS m WHERE m.kind = ? AND m.target = x.id AND m.state IN ('proposed', 'confirmed'))"

// gifts are the pledges that wait, and what was confirmed by hand since the
// first account began.
func (s *Service) gifts(ctx context.Context, foundation id.ID) ([]Candidate, error) {
	var rows []struct {
		ID        id.ID
		State     donation.State
		Reference string
		DonorName string
		Fund      string
		Amount    money.Fen
		Arrived   *money.Fen
		CreatedAt time.Time
		ArrivedAt *time.Time
		Offline   bool
		Secret    bool
	}
	err := s.db.NewSelect().TableExpr("donation AS x").Join("JOIN fund AS f ON f.id = x.fund").
		ColumnExpr("x.id, x.state, x.reference, x.donor_name, f.name AS fund, x.amount, x.created_at, x.arrived_at, x.offline, x.confidential AS secret").
		ColumnExpr("x.arrived + CAST(COALESCE((SELECT SUM(n.arrived) FROM donation AS n WHERE n.gathered_in = x.id AND n.state = 'confirmed'), 0) AS BIGINT) AS arrived").
		Where("x.foundation = ? AND x.kind = 'money' AND x.state IN ('pledged', 'confirmed') AND x.gathered_in IS NULL", foundation).Where(taken, Gift).
		Where("x.state = 'pledged' OR x.arrived_at >= ?", s.clock.Now().AddDate(-1, 0, 0)).
		OrderExpr("x.id DESC").Limit(50_000).Scan(ctx, &rows)
	out := make([]Candidate, 0, len(rows))
	for _, r := range rows {
		c := Candidate{Kind: Gift, Target: r.ID, Reference: r.Reference, Name: r.DonorName, Amount: r.Amount, Day: day(r.CreatedAt), Secret: r.Secret}
		if r.Offline { // written down when the money was there already
			c.Day = ""
		}
		c.Label = called(r.DonorName) + "，认捐“" + r.Fund + "”"
		if r.State == donation.Confirmed && r.Arrived != nil {
			c.Settled, c.Amount, c.Label = true, *r.Arrived, called(r.DonorName)+"，“"+r.Fund+"”，已由财务确认到账"
			if r.ArrivedAt != nil {
				c.Day = min(c.Day, day(r.ArrivedAt.AddDate(0, 0, -7)))
			}
		}
		out = append(out, c)
	}
	return out, db.Translate(err)
}

func called(name string) string {
	if name == "" {
		return donation.Anonymous
	}
	return name
}

func day(t time.Time) string { return t.In(clock.Beijing).Format(time.DateOnly) }

// payments are those that were made and have no line yet.
func (s *Service) payments(ctx context.Context, foundation id.ID) ([]Candidate, error) {
	var rows []struct {
		ID            id.ID
		Number        string
		PayeeName     string
		Purpose       string
		BankReference string
		Amount        money.Fen
		PaidAt        time.Time
	}
	err := s.db.NewSelect().TableExpr("payment AS x").ColumnExpr("x.id, x.number, x.payee_name, x.purpose, x.bank_reference, x.amount, x.paid_at").
		Where("x.foundation = ? AND x.state = ?", foundation, payment.Paid).Where(taken, Paid).OrderExpr("x.id DESC").Limit(50_000).Scan(ctx, &rows)
	out := make([]Candidate, 0, len(rows))
	for _, r := range rows {
		// The bank may move the money some days before finance writes it down.
		out = append(out, Candidate{Kind: Paid, Target: r.ID, Reference: r.BankReference, Name: r.PayeeName, Amount: r.Amount,
			Day: day(r.PaidAt.AddDate(0, 0, -15)), Label: r.Number + "，" + r.PayeeName + "：" + r.Purpose})
	}
	return out, db.Translate(err)
}

// backs are the lines that came, are nobody's, and may be given back; and the
// refunds of donations that never had a line.
func (s *Service) backs(ctx context.Context, foundation id.ID) ([]Candidate, error) {
	var lines []Line
	err := s.db.NewSelect().Model(&lines).ModelTableExpr("bank_line AS x").ColumnExpr("x.*").Where("x.foundation = ? AND x.state = ? AND x.amount > 0", foundation, Open).
		Where(taken, Back).OrderExpr("x.id DESC").Limit(50_000).Scan(ctx)
	if err != nil {
		return nil, db.Translate(err)
	}
	var hidden []id.ID
	if err := s.db.NewRaw(secret+" AND l.state = ? AND l.amount > 0", foundation, Open).Scan(ctx, &hidden); err != nil {
		return nil, db.Translate(err)
	}
	var out []Candidate
	for _, l := range lines {
		out = append(out, Candidate{Secret: slices.Contains(hidden, l.ID), Kind: Back, Target: l.ID, Name: l.Name, Amount: l.Amount, Day: l.Day, Label: "退回 " + l.Day + " 收到的 " + called(l.Name) + " " + l.Amount.Yuan() + " 元（" + l.StateName() + "）"})
	}
	var gone []struct {
		ID         id.ID
		Reference  string
		DonorName  string
		Arrived    money.Fen
		RefundedAt time.Time
		Secret     bool
	}
	err = s.db.NewSelect().TableExpr("donation AS x").ColumnExpr("x.id, x.reference, x.donor_name, x.arrived, x.refunded_at, x.confidential AS secret").
		ColumnExpr("x.arrived + CAST(COALESCE((SELECT SUM(n.arrived) FROM donation AS n WHERE n.gathered_in = x.id AND n.state = 'confirmed'), 0) AS BIGINT) AS arrived").
		Where("x.foundation = ? AND x.refund_tx IS NOT NULL", foundation).Where(taken, Refund).
		Where("NOT EXISTS (SELECT 1 FROM bank_match AS m WHERE m.kind = ? AND m.target = x.id AND m.state = ?)", Gift, Reversed).OrderExpr("x.id DESC").Limit(50_000).Scan(ctx, &gone)
	for _, r := range gone {
		out = append(out, Candidate{Kind: Refund, Target: r.ID, Reference: r.Reference, Name: r.DonorName, Amount: r.Arrived, Day: day(r.RefundedAt), Secret: r.Secret,
			Label: "捐赠退款：" + called(r.DonorName) + " " + r.Reference})
	}
	return out, db.Translate(err)
}

// candidate finds one thing a line may be.
func (s *Service) candidate(ctx context.Context, l Line, kind Kind, target id.ID) (Candidate, error) {
	all, err := s.candidates(ctx, l.Foundation, l.Came())
	if err != nil {
		return Candidate{}, err
	}
	x := newIndex(all)
	for _, c := range all {
		if c.Kind == kind && c.Target == target {
			return x.score(l, c), nil
		}
	}
	return Candidate{}, fault.New(fault.Conflict, "所选的%s已经匹配给别的流水，或状态已改变，请重新选择", kind.KindName())
}

func contains(c Candidate, q string) bool {
	return strings.Contains(squeeze(c.Reference+c.Name+c.Label), q)
}
