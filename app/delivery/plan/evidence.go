package plan

import (
	"bytes"
	"context"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/photo"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// mostFiles is how many files one evidence has at most.
const mostFiles = 20

// papers are the documents that are taken beside photographs, as they come.
var papers = map[string]string{".pdf": "application/pdf", ".docx": "application/", ".xlsx": "application/"}

// EvidenceInput is an evidence as it was typed.
type EvidenceInput struct {
	Milestone int64  `json:"milestone" description:"第几个节点，从 1 起"`
	Output    string `json:"output,omitempty" description:"计入哪一项产出；不计数量不填"`
	Quantity  string `json:"quantity,omitempty"`
	People    string `json:"people,omitempty" description:"到场人数"`
	DoneOn    string `json:"done_on" description:"哪一天，例如 2026-06-30"`
	Place     string `json:"place,omitempty"`
	Note      string `json:"note,omitempty"`
	Key       string `json:"-"` // of the form: pressed twice it counts once
}

// MayDeliver refuses whoever may not add evidence, before a file is read.
func (s *Service) MayDeliver(ctx context.Context, who party.Actor, of id.ID) error {
	return s.engagements.May(ctx, who, of, "deliver")
}

// Keep puts one file of an evidence aside: a photograph re-encoded without its
// metadata, a document as it is. No row says yet that it exists; Add does, or
// Discard takes it back.
func (s *Service) Keep(ctx context.Context, name string, body io.Reader) (attachment.Attachment, error) {
	ext := strings.ToLower(path.Ext(name))
	key := "attachment/" + strings.ToLower(id.Code(26))
	if want, ok := papers[ext]; ok {
		a, err := s.files.Lay(ctx, key, name, -1, body)
		if err == nil && (a.Size == 0 || !strings.HasPrefix(a.MediaType, want)) {
			s.files.Lift(ctx, key)
			var c fault.Check
			c.Fail("photos", "“%s”打不开，请用原软件另存后再上传", name)
			err = c.Err()
		}
		return a, err
	}
	clean, err := photo.Clean(name, body)
	if err != nil {
		return attachment.Attachment{}, err
	}
	return s.files.Lay(ctx, key, strings.TrimSuffix(name, path.Ext(name))+".jpg", int64(len(clean)), bytes.NewReader(clean))
}

// Discard takes back what Keep put aside. It is best effort.
func (s *Service) Discard(ctx context.Context, files []attachment.Attachment) {
	for _, f := range files {
		s.files.Lift(ctx, f.ObjectKey)
	}
}

// pressed finds what the same press of the form added before.
func pressed(ctx context.Context, tx bun.Tx, of id.ID, who party.Actor, key string) (Evidence, bool, error) {
	var x Evidence
	if key == "" {
		return x, false, nil
	}
	err := db.Found(tx.NewSelect().Model(&x).Where("engagement = ? AND added_by = ? AND idem_key = ?", of, who.Account, key).Scan(ctx), "成果")
	if fault.Is(err, fault.NotFound) {
		return x, false, nil
	}
	return x, err == nil, err
}

// Add records what was done for a milestone with its files.
func (s *Service) Add(ctx context.Context, who party.Actor, of id.ID, in EvidenceInput, files []attachment.Attachment) (Evidence, error) {
	var out Evidence
	var again bool
	err := s.engagements.Change(ctx, who, of, "deliver", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) (err error) {
		if out, again, err = pressed(ctx, tx, of, who, in.Key); again || err != nil {
			return err
		}
		p, err := AgreedOf(ctx, tx, of)
		if err != nil {
			return err
		}
		x, err := in.read(p.Content, e, files, now)
		if err != nil {
			return err
		}
		if err := s.open(ctx, tx, of, x.Milestone); err != nil {
			return err
		}
		x.ID, x.Engagement, x.AddedBy, x.AddedAt, x.Key = id.New(now), of, who.Account, now, in.Key
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		for _, f := range files {
			f.OwnerKind, f.OwnerID, f.UploadedBy, f.CreatedAt = EvidenceKind, x.ID, who.Account, now
			if err := s.files.Enter(ctx, tx, &f); err != nil {
				return err
			}
		}
		out = x
		return nil
	})
	if again {
		s.Discard(ctx, files)
	}
	return out, err
}

func (in EvidenceInput) read(p Content, e engagement.Engagement, files []attachment.Attachment, now time.Time) (Evidence, error) {
	var c fault.Check
	x := Evidence{Milestone: in.Milestone, Output: strings.TrimSpace(in.Output), Place: strings.TrimSpace(in.Place), Note: strings.TrimSpace(in.Note)}
	c.Must(in.Milestone >= 1 && in.Milestone <= int64(len(p.Milestones)), "milestone", "请选择节点")
	var err error
	if x.Output != "" {
		_, ok := p.Output(x.Output)
		c.Must(ok, "output", "方案里没有这项产出，请重新选择")
		if x.Quantity, err = Count(in.Quantity); err != nil || x.Quantity == 0 {
			c.Fail("quantity", "请填写完成的数量，大于 0 的整数")
		}
	} else {
		c.Must(strings.TrimSpace(in.Quantity) == "", "output", "填写了数量，请选择是哪一项产出")
	}
	if in.People != "" {
		x.People, err = Count(in.People)
		c.Adopt("people", err)
	}
	if x.DoneOn, err = Day(in.DoneOn); err != nil {
		c.Fail("done_on", "请填写日期，例如 2026-06-30")
	} else {
		c.Must(!x.DoneOn.Before(e.Start) && !x.DoneOn.After(e.End), "done_on", "应在履约期 %s 至 %s 之内", word(e.Start), word(e.End))
		c.Must(!x.DoneOn.After(now), "done_on", "还没有到这一天，请在完成以后填写")
	}
	c.Must(utf8.RuneCountInString(x.Place) <= 100, "place", "不超过 100 个字")
	c.Must(utf8.RuneCountInString(x.Note) <= 1000, "note", "不超过 1000 个字")
	c.Must(len(files) <= mostFiles, "photos", "一次最多 %d 个文件，请分几次提交", mostFiles)
	c.Must(len(files) > 0 || x.Note != "" || x.People > 0 || x.Quantity > 0, "note", "请至少填写数量、到场人数或说明，或上传照片")
	return x, c.Err()
}

// open refuses a milestone that was accepted.
func (s *Service) open(ctx context.Context, d bun.IDB, of id.ID, seq int64) error {
	steps, err := stepsOf(ctx, d, of)
	if i := slices.IndexFunc(steps, func(x Step) bool { return x.Seq == seq && x.AcceptedAt != nil }); err == nil && i >= 0 {
		return fault.New(fault.Conflict, "第 %d 个节点已经确认达成，不再增减成果", seq)
	}
	return err
}

// Void takes an evidence out of the count, with its reason; it stays on record.
func (s *Service) Void(ctx context.Context, who party.Actor, of, evidence id.ID, reason string) error {
	reason, err := words("reason", reason, "请写明作废的原因")
	if err != nil {
		return err
	}
	return s.engagements.Change(ctx, who, of, "deliver", func(ctx context.Context, tx bun.Tx, _ engagement.Engagement, now time.Time) error {
		var x Evidence
		if err := db.Found(tx.NewSelect().Model(&x).Where("id = ? AND engagement = ? AND void_at IS NULL", evidence, of).Scan(ctx), "成果"); err != nil {
			return err
		}
		if err := s.open(ctx, tx, of, x.Milestone); err != nil {
			return err
		}
		if err := s.spare(ctx, tx, of, x, now); err != nil {
			return err
		}
		x.VoidWhy, x.VoidAt = reason, &now
		if err := db.One(tx.NewUpdate().Model(&x).Column("void_why", "void_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, of, trail.Event{Action: "作废成果记录", Note: reason})
	})
}

// spare refuses to void what a payment was asked for: money would stand on
// nothing.
func (s *Service) spare(ctx context.Context, tx bun.Tx, of id.ID, x Evidence, now time.Time) error {
	p, err := AgreedOf(ctx, tx, of)
	if err != nil || s.Claimed == nil || x.Output == "" || x.Output != p.Content.Counted {
		return err
	}
	far, err := ProgressOf(ctx, tx, p, now)
	if err != nil {
		return err
	}
	claimed, err := s.Claimed(ctx, tx, of)
	if left := far.Of(x.Output) - x.Quantity; err == nil && left < claimed {
		return fault.New(fault.Conflict, "已经按 %d 申请了付款，作废后只剩 %d。请先补上更正后的成果，或请付款方退回申请，再作废这一条", claimed, left)
	}
	return err
}

// MayEvidence is the access function of an evidence's files: the parties see
// them; nobody attaches to one but through Add, where metadata is taken off.
func (s *Service) MayEvidence(ctx context.Context, who party.Actor, evidence id.ID, action string) error {
	var x Evidence
	if err := db.Found(s.db.NewSelect().Model(&x).Where("id = ?", evidence).Scan(ctx), "成果"); err != nil {
		return err
	}
	if action != "view" {
		return fault.New(fault.Forbidden, "成果的文件随成果一起提交，不能单独增减")
	}
	return s.engagements.May(ctx, who, x.Engagement, "follow")
}

// Listed is an evidence with its files.
type Listed struct {
	Evidence
	Files []attachment.Attachment `json:"attachments"`
}

// List gives the evidence of an engagement, newest first, to its parties.
func (s *Service) List(ctx context.Context, who party.Actor, of, after id.ID, limit int) ([]Listed, error) {
	if err := s.engagements.May(ctx, who, of, "follow"); err != nil {
		return nil, err
	}
	var rows []Evidence
	q := s.db.NewSelect().Model(&rows).Where("engagement = ?", of).Order("id DESC").Limit(int64(limit))
	if after != "" {
		q = q.Where("id < ?", after)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	out := []Listed{}
	for _, x := range rows {
		files, err := s.files.Listed(ctx, EvidenceKind, x.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, Listed{x, files})
	}
	return out, nil
}

// Report says that a milestone (from 1) was reached.
func (s *Service) Report(ctx context.Context, who party.Actor, of id.ID, seq int64, text string) error {
	text, err := words("report", text, "请写明做了什么、达成了什么")
	if err != nil {
		return err
	}
	return s.milestone(ctx, who, of, seq, "deliver", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, m Milestone, x *Step, now time.Time) error {
		if x.AcceptedAt != nil {
			return fault.New(fault.Conflict, "“%s”已经确认达成", m.Name)
		}
		x.Report, x.ReportedBy, x.ReportedAt, x.Note = text, who.Account, &now, ""
		if err := tell(ctx, tx, now, e.Payer, of, "“"+e.Title+"”报告达成节点", m.Name); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, of, trail.Event{Action: "报告达成节点", Note: m.Name})
	})
}

// Confirm accepts a milestone that was reported, or sends it back with what is
// still missing.
func (s *Service) Confirm(ctx context.Context, who party.Actor, of id.ID, seq int64, accept bool, note string) error {
	note = strings.TrimSpace(note)
	var c fault.Check
	c.Must(accept || note != "", "note", "请写明还缺什么，对方据此补充")
	c.Must(utf8.RuneCountInString(note) <= 2000, "note", "不超过 2000 个字")
	if err := c.Err(); err != nil {
		return err
	}
	return s.milestone(ctx, who, of, seq, "agree", func(ctx context.Context, tx bun.Tx, e engagement.Engagement, m Milestone, x *Step, now time.Time) error {
		if x.ReportedAt == nil || x.AcceptedAt != nil {
			return fault.New(fault.Conflict, "“%s”没有等待确认的报告", m.Name)
		}
		event := trail.Event{Action: "节点达成", Note: m.Name, Public: true}
		x.AcceptedBy, x.AcceptedAt, x.Note = &who.Account, &now, note
		if !accept {
			x.AcceptedBy, x.AcceptedAt, x.ReportedAt = nil, nil, nil
			event = trail.Event{Action: "退回节点报告", Note: m.Name + "：" + note}
		} else if r := s.reached[e.Kind]; r != nil {
			if err := r(ctx, tx, who, e, seq, now); err != nil {
				return err
			}
		}
		if err := tell(ctx, tx, now, e.Provider, of, "“"+m.Name+"”"+event.Action, note); err != nil {
			return err
		}
		return engagement.Record(ctx, tx, who, now, of, event)
	})
}

// milestone is the frame of what is done about one milestone.
func (s *Service) milestone(ctx context.Context, who party.Actor, of id.ID, seq int64, action string,
	do func(ctx context.Context, tx bun.Tx, e engagement.Engagement, m Milestone, x *Step, now time.Time) error) error {
	return s.engagements.Change(ctx, who, of, action, func(ctx context.Context, tx bun.Tx, e engagement.Engagement, now time.Time) error {
		p, err := AgreedOf(ctx, tx, of)
		if err != nil {
			return err
		}
		if seq < 1 || seq > int64(len(p.Content.Milestones)) {
			return fault.New(fault.NotFound, "没有这个节点")
		}
		x := Step{Engagement: of, Seq: seq}
		err = tx.NewSelect().Model(&x).WherePK().Scan(ctx)
		fresh := fault.Is(db.Found(err, "节点"), fault.NotFound)
		if err != nil && !fresh {
			return db.Translate(err)
		}
		if err := do(ctx, tx, e, p.Content.Milestones[seq-1], &x, now); err != nil {
			return err
		}
		if fresh {
			_, err := tx.NewInsert().Model(&x).Exec(ctx)
			return db.Translate(err)
		}
		return db.One(tx.NewUpdate().Model(&x).ExcludeColumn("engagement", "seq").WherePK().Exec(ctx))
	})
}

func tell(ctx context.Context, tx bun.Tx, now time.Time, to, of id.ID, title, text string) error {
	return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: to}}, inbox.Letter{Title: title, Text: text, Link: "/engagements/" + string(of) + "/plan"})
}

func stepsOf(ctx context.Context, d bun.IDB, of id.ID) ([]Step, error) {
	out := []Step{}
	err := d.NewSelect().Model(&out).Where("engagement = ?", of).Order("seq").Scan(ctx)
	return out, db.Translate(err)
}

// Progress is how far an agreed plan has come; it is public.
type Progress struct {
	Milestones []Reach `json:"milestones"`
	Outputs    []Made  `json:"outputs"`
	People     int64   `json:"people"` // attendance in all
}

// Of is how much of an output is done.
func (p Progress) Of(output string) int64 {
	for _, o := range p.Outputs {
		if o.Name == output {
			return o.Done
		}
	}
	return 0
}

// Reach is where one milestone stands.
type Reach struct {
	Milestone
	Step
	State string `json:"state"` // in Chinese
	Late  bool   `json:"late"`
}

// Made is how much of an output was done, by evidence that counts.
type Made struct {
	Output
	Done int64 `json:"done"`
}

// Progress reads how far a plan has come, for whoever may see the plan. The
// reports' words are for the parties.
func (s *Service) Progress(ctx context.Context, who party.Actor, p Plan) (Progress, error) {
	out, err := ProgressOf(ctx, s.db, p, s.clock.Now())
	if err == nil && s.engagements.May(ctx, who, p.Engagement, "follow") != nil {
		for i := range out.Milestones {
			out.Milestones[i].Report, out.Milestones[i].Note = "", ""
		}
	}
	return out, err
}

// ProgressOf is Progress inside a transaction; the caller has authorised.
func ProgressOf(ctx context.Context, d bun.IDB, p Plan, now time.Time) (Progress, error) {
	out := Progress{Milestones: []Reach{}, Outputs: []Made{}}
	steps, err := stepsOf(ctx, d, p.Engagement)
	if err != nil {
		return out, err
	}
	for i, m := range p.Content.Milestones {
		r := Reach{Milestone: m, Step: Step{Seq: int64(i + 1)}, State: "进行中"}
		if j := slices.IndexFunc(steps, func(x Step) bool { return x.Seq == r.Seq }); j >= 0 {
			r.Step = steps[j]
		}
		switch {
		case r.AcceptedAt != nil:
			r.State = "已达成"
		case r.ReportedAt != nil:
			r.State = "待确认"
		case !now.Before(m.Due.AddDate(0, 0, 1)):
			r.State, r.Late = "已逾期", true
		}
		out.Milestones = append(out.Milestones, r)
	}
	var sums []struct {
		Output   string `bun:"output"`
		Quantity int64  `bun:"quantity"`
		People   int64  `bun:"people"`
	}
	err = d.NewSelect().Model((*Evidence)(nil)).ColumnExpr("output, CAST(SUM(quantity) AS BIGINT) AS quantity, CAST(SUM(people) AS BIGINT) AS people").
		Where("engagement = ? AND void_at IS NULL", p.Engagement).GroupExpr("output").Scan(ctx, &sums)
	done := map[string]int64{}
	for _, x := range sums {
		done[x.Output] = x.Quantity
		out.People += x.People
	}
	for _, o := range p.Content.Outputs {
		out.Outputs = append(out.Outputs, Made{o, done[o.Name]})
	}
	return out, db.Translate(err)
}

// ShownOf is how much of each output the evidence of one milestone (from 1)
// shows; the caller has authorised.
func ShownOf(ctx context.Context, d bun.IDB, of id.ID, milestone int64) (map[string]int64, error) {
	var sums []struct {
		Output   string `bun:"output"`
		Quantity int64  `bun:"quantity"`
	}
	err := d.NewSelect().Model((*Evidence)(nil)).ColumnExpr("output, CAST(SUM(quantity) AS BIGINT) AS quantity").
		Where("engagement = ? AND milestone = ? AND void_at IS NULL", of, milestone).GroupExpr("output").Scan(ctx, &sums)
	out := map[string]int64{}
	for _, x := range sums {
		out[x.Output] = x.Quantity
	}
	return out, db.Translate(err)
}

// Meet notes that a wing confirmed a milestone (from 1) of its own agreement:
// the plan's with the same number is then accepted, too. Nothing happens where
// no plan is in force or it was accepted already. The caller has authorised.
func Meet(ctx context.Context, tx bun.Tx, who party.Actor, of id.ID, seq int64, note string, now time.Time) error {
	p, err := Of(ctx, tx, of)
	if fault.Is(err, fault.NotFound) || err == nil && (p.State != Agreed || seq > int64(len(p.Content.Milestones))) {
		return nil
	}
	if err != nil {
		return err
	}
	x := Step{Engagement: of, Seq: seq, ReportedBy: who.Account, ReportedAt: &now, AcceptedBy: &who.Account, AcceptedAt: &now, Note: note}
	done, err := tx.NewInsert().Model(&x).On("CONFLICT (engagement, seq) DO UPDATE").
		Set("accepted_by = EXCLUDED.accepted_by, accepted_at = EXCLUDED.accepted_at, note = EXCLUDED.note").Where("?TableAlias.accepted_at IS NULL").Exec(ctx)
	if err != nil {
		return db.Translate(err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return engagement.Record(ctx, tx, who, now, of, trail.Event{Action: "节点达成", Note: p.Content.Milestones[seq-1].Name, Public: true})
}
