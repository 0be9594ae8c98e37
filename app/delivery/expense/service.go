package expense

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/plan"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Service keeps the weekly reports.
type Service struct {
	db          *bun.DB
	clock       clock.Clock
	engagements *engagement.Service
	files       *attachment.Service
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, e *engagement.Service, f *attachment.Service) *Service {
	return &Service{db: d, clock: c, engagements: e, files: f}
}

func read(ctx context.Context, d bun.IDB, report id.ID) (Report, error) {
	var r Report
	err := d.NewSelect().Model(&r).Where("id = ?", report).Scan(ctx)
	return r, db.Found(err, "周报账")
}

// May is the access function of a report and its invoices' files: the two
// sides see it, the provider attaches while it is a draft.
func (s *Service) May(ctx context.Context, who party.Actor, report id.ID, action string) error {
	r, err := read(ctx, s.db, report)
	if err != nil {
		return err
	}
	switch action {
	case "view":
		return s.engagements.May(ctx, who, r.Engagement, "follow")
	case "attach":
		if r.State != Draft {
			return fault.New(fault.Conflict, "周报账%s，不能再增减文件", r.StateName())
		}
		return s.engagements.May(ctx, who, r.Engagement, "spend")
	}
	return s.engagements.May(ctx, who, r.Engagement, action)
}

// Get reads a report for the parties.
func (s *Service) Get(ctx context.Context, who party.Actor, report id.ID) (Report, error) {
	r, err := read(ctx, s.db, report)
	if err == nil {
		err = s.engagements.May(ctx, who, r.Engagement, "follow")
	}
	return r, err
}

// List gives the reports of an engagement, the latest week first.
func (s *Service) List(ctx context.Context, who party.Actor, of id.ID) ([]Report, error) {
	if err := s.engagements.May(ctx, who, of, "follow"); err != nil {
		return nil, err
	}
	out := []Report{}
	err := s.db.NewSelect().Model(&out).Where("engagement = ?", of).Order("week DESC").Limit(300).Scan(ctx)
	return out, db.Translate(err)
}

// Items are the invoices of a report that was sent.
func (s *Service) Items(ctx context.Context, who party.Actor, report id.ID) ([]Item, error) {
	if err := s.May(ctx, who, report, "view"); err != nil {
		return nil, err
	}
	out := []Item{}
	err := s.db.NewSelect().Model(&out).Where("report = ?", report).Order("seq").Scan(ctx)
	return out, db.Translate(err)
}

// Lines is budget against actual, for whoever follows the engagement.
func (s *Service) Lines(ctx context.Context, who party.Actor, of id.ID) ([]LineSum, error) {
	if err := s.engagements.May(ctx, who, of, "follow"); err != nil {
		return nil, err
	}
	p, err := plan.AgreedOf(ctx, s.db, of)
	if err != nil {
		return nil, err
	}
	return linesOf(ctx, s.db, p, "")
}

// Start begins the report of the week that a day is in; the one of that week
// comes back where there is one.
func (s *Service) Start(ctx context.Context, who party.Actor, of id.ID, day time.Time) (Report, error) {
	var out Report
	err := s.engagements.Change(ctx, who, of, "spend", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		week := Monday(day)
		var c fault.Check
		c.Must(!week.After(now), "week", "这一周还没有到")
		c.Must(!week.AddDate(0, 0, 7).Before(e.Start) && !week.After(e.End), "week", "这一周不在履约期 %s 至 %s 之内", word(e.Start), word(e.End))
		if err := c.Err(); err != nil {
			return err
		}
		if _, err := plan.AgreedOf(ctx, tx, of); err != nil {
			return err
		}
		err := tx.NewSelect().Model(&out).Where("engagement = ? AND week = ?", of, week).Scan(ctx)
		if err == nil || !fault.Is(db.Found(err, "周报账"), fault.NotFound) {
			return db.Translate(err)
		}
		out = Report{ID: id.New(now), Engagement: of, Provider: e.Provider, Week: week, State: Draft, Version: 1, DraftedBy: who.Account, CreatedAt: now}
		_, err = tx.NewInsert().Model(&out).Exec(ctx)
		return db.Translate(err)
	})
	return out, err
}

// change is the frame of what is done about a report in a state.
func (s *Service) change(ctx context.Context, who party.Actor, report id.ID, action string, in State,
	do func(ctx context.Context, tx bun.Tx, e engagement.Engagement, r *Report, now time.Time) error) (Report, error) {
	out, err := read(ctx, s.db, report)
	if err != nil {
		return out, err
	}
	err = s.engagements.Change(ctx, who, out.Engagement, action, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		r, err := read(ctx, tx, report)
		if err != nil {
			return err
		}
		if r.State != in {
			return fault.New(fault.Conflict, "周报账现在是“%s”，请刷新页面", r.StateName())
		}
		if err := do(ctx, tx, e, &r, now); err != nil {
			return err
		}
		r.Version++
		out = r
		return db.One(tx.NewUpdate().Model(&r).ExcludeColumn("id", "engagement", "provider", "week").WherePK().Exec(ctx))
	})
	return out, err
}

// storable refuses only what could not be kept at all.
func (f Form) storable() error {
	var c fault.Check
	c.Must(len(f.Rows) <= 200, "note", "一周最多 %d 张发票", mostRows)
	for i, r := range f.Rows {
		for _, v := range []string{r.Key, r.Line, r.Date, r.Purpose, r.Payee, r.Invoice, r.Amount} {
			c.Must(utf8.ValidString(v) && !strings.ContainsRune(v, 0) && utf8.RuneCountInString(v) <= 500, fmt.Sprintf("rows.%d.purpose", i+1), "内容太长或有无法识别的字符，请重新输入")
		}
	}
	c.Must(utf8.ValidString(f.Note) && utf8.RuneCountInString(f.Note) <= 2000, "note", "说明不超过 2000 个字")
	return c.Err()
}

// keyed gives every row a key of its own.
func (f Form) keyed() Form {
	out := Form{Note: f.Note}
	seen := map[string]bool{"": true}
	for _, r := range f.Rows {
		if r.Blank() {
			continue
		}
		for seen[r.Key] || len(r.Key) > 20 {
			r.Key = "r" + strings.ToLower(id.Code(8))
		}
		seen[r.Key] = true
		out.Rows = append(out.Rows, r)
	}
	return out
}

// Save keeps what was typed, valid or not, and says what it comes to. A
// version of 0 saves over whatever is there; another must be the draft's.
func (s *Service) Save(ctx context.Context, who party.Actor, report id.ID, version int64, f Form) (Report, Checked, error) {
	var checked Checked
	if err := f.storable(); err != nil {
		return Report{}, checked, err
	}
	out, err := s.change(ctx, who, report, "spend", Draft, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, r *Report, now time.Time) (err error) {
		if version != 0 && version != r.Version {
			return fault.New(fault.Conflict, "这份周报账刚在别处改过，请刷新页面后把您的修改再填一次")
		}
		r.Form = f.keyed()
		checked, _, err = check(ctx, tx, e, *r, now)
		r.Total = checked.Total
		return err
	})
	return out, checked, err
}

// Check says what a draft comes to and what is wrong with it, its missing
// invoice files too.
func (s *Service) Check(ctx context.Context, r Report) (Checked, error) {
	var e engagement.Engagement
	if err := s.db.NewSelect().Model(&e).Where("id = ?", r.Engagement).Scan(ctx); err != nil {
		return Checked{}, db.Translate(err)
	}
	out, c, err := check(ctx, s.db, e, r, s.clock.Now())
	if err == nil {
		err = s.papers(ctx, s.db, r, c)
	}
	if err == nil {
		out.Problems, err = fault.Complaints(c.Err())
	}
	return out, err
}

// papers complains of every row without its invoice's file.
func (s *Service) papers(ctx context.Context, d bun.IDB, r Report, c *fault.Check) error {
	files, err := s.files.Of(ctx, d, ObjectKind, r.ID)
	have := map[string]bool{}
	for _, f := range files {
		have[f.Slot] = true
	}
	for i, row := range r.Form.Rows {
		c.Must(have[row.Key], fmt.Sprintf("rows.%d.file", i+1), "第 %d 行：请上传发票 %s 的文件", i+1, row.Invoice)
	}
	return err
}

// Submit sends a report: from then on its invoices count.
func (s *Service) Submit(ctx context.Context, who party.Actor, report id.ID) (Report, error) {
	return s.change(ctx, who, report, "spend", Draft, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, r *Report, now time.Time) error {
		x, c, err := check(ctx, tx, e, *r, now)
		if err == nil {
			err = s.papers(ctx, tx, *r, c)
		}
		if err != nil {
			return err
		}
		if err := c.Err(); err != nil {
			return err
		}
		for i := range x.Items {
			x.Items[i].Report, x.Items[i].Engagement, x.Items[i].Provider = r.ID, r.Engagement, r.Provider
		}
		if len(x.Items) > 0 {
			if _, err := tx.NewInsert().Model(&x.Items).Exec(ctx); db.Duplicate(db.Translate(err)) {
				return fault.New(fault.Conflict, "其中一张发票刚在另一份报账里报过，请刷新页面核对")
			} else if err != nil {
				return db.Translate(err)
			}
		}
		if err := take(ctx, tx, x.Items); err != nil {
			return err
		}
		r.State, r.Total, r.Reason, r.SubmittedBy, r.SubmittedAt = Submitted, x.Total, "", &who.Account, &now
		if err := tell(ctx, tx, now, e.Payer, *r, "“"+e.Title+"”有周报账待核对", r.Title()+"，"+r.Total.Yuan()+" 元。"); err != nil {
			return err
		}
		return record(ctx, tx, who, now, r, trail.Event{Action: "提交周报账", Note: r.Title() + "，" + r.Total.Yuan() + " 元"})
	})
}

// Accept says that the payer checked a report; somebody of the payer does.
func (s *Service) Accept(ctx context.Context, who party.Actor, report id.ID) (Report, error) {
	return s.change(ctx, who, report, "check", Submitted, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, r *Report, now time.Time) error {
		r.State, r.DecidedBy, r.DecidedAt = Accepted, &who.Account, &now
		if err := tell(ctx, tx, now, e.Provider, *r, "周报账已核对", r.Title()); err != nil {
			return err
		}
		return record(ctx, tx, who, now, r, trail.Event{Action: "核对周报账", Note: r.Title() + "，" + r.Total.Yuan() + " 元"})
	})
}

// Return sends a report back with a reason; its invoices are free again.
func (s *Service) Return(ctx context.Context, who party.Actor, report id.ID, reason string) (Report, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	c.Must(reason != "", "reason", "请写明退回的原因，对方据此修改")
	c.Must(utf8.RuneCountInString(reason) <= 2000, "reason", "不超过 2000 个字")
	if err := c.Err(); err != nil {
		return Report{}, err
	}
	return s.change(ctx, who, report, "check", Submitted, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, r *Report, now time.Time) error {
		r.State, r.Reason = Draft, reason
		for _, table := range []string{"expense_invoice", "expense_item"} {
			if _, err := tx.NewDelete().TableExpr(table).Where("report = ?", r.ID).Exec(ctx); err != nil {
				return db.Translate(err)
			}
		}
		if err := tell(ctx, tx, now, e.Provider, *r, "周报账需要修改", r.Title()+"："+reason); err != nil {
			return err
		}
		return record(ctx, tx, who, now, r, trail.Event{Action: "退回周报账", Note: r.Title() + "：" + reason})
	})
}

// take keeps the numbers of which there is one in the whole country: of two
// organisations that report one at the same moment the second is refused.
func take(ctx context.Context, tx bun.Tx, items []Item) error {
	for _, x := range items {
		if len(x.Invoice) != wholeNumber {
			continue
		}
		_, err := tx.NewRaw("INSERT INTO expense_invoice (invoice, report) VALUES (?, ?)", x.Invoice, x.Report).Exec(ctx)
		if err = db.Translate(err); db.Duplicate(err) {
			return fault.New(fault.Conflict, "发票 %s 刚在另一份报账里报过，同一张发票只能报一次，请核对", x.Invoice)
		} else if err != nil {
			return err
		}
	}
	return nil
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, now time.Time, r *Report, v trail.Event) error {
	return engagement.Record(ctx, tx, who, now, r.Engagement, v)
}

func tell(ctx context.Context, tx bun.Tx, now time.Time, to id.ID, r Report, title, text string) error {
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: to}}, inbox.Letter{Title: title, Text: text, Link: "/expenses/" + string(r.ID)})
}

// AcceptedBetween is what was accepted of the invoices dated from a day until
// another, exclusive, in 分; and what was sent and waits.
func AcceptedBetween(ctx context.Context, d bun.IDB, of id.ID, from, until time.Time) (accepted, waiting money.Fen, err error) {
	var sums []struct {
		State  State     `bun:"state"`
		Amount money.Fen `bun:"amount"`
	}
	err = d.NewSelect().TableExpr("expense_item AS i").Join("JOIN expense_report AS r ON r.id = i.report").
		ColumnExpr("r.state, CAST(SUM(i.amount) AS BIGINT) AS amount").Where("i.engagement = ? AND i.spent_on >= ? AND i.spent_on < ?", of, from, until).
		GroupExpr("r.state").Scan(ctx, &sums)
	for _, s := range sums {
		if s.State == Accepted {
			accepted = s.Amount
		} else {
			waiting = s.Amount
		}
	}
	return accepted, waiting, db.Translate(err)
}

// Append adds rows to a draft, as from an imported list.
func (s *Service) Append(ctx context.Context, who party.Actor, report id.ID, rows []Row) (Report, error) {
	r, err := s.Get(ctx, who, report)
	if err != nil {
		return r, err
	}
	f := Form{Note: r.Form.Note, Rows: append(r.Form.Rows[:len(r.Form.Rows):len(r.Form.Rows)], rows...)}
	out, _, err := s.Save(ctx, who, report, r.Version, f)
	return out, err
}

// RowOf is the key of the row whose invoice number stands in a file's name;
// "" where none does.
func (f Form) RowOf(name string) string {
	name = invoiceKey(name)
	for _, r := range f.Rows {
		if k := invoiceKey(r.Invoice); len(k) >= 4 && strings.Contains(name, k) {
			return r.Key
		}
	}
	return ""
}
