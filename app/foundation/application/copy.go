package application

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/foundation/call"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// freeze writes the copy of an application that is being sent.
func freeze(ctx context.Context, tx bun.Tx, who party.Actor, now time.Time, a Application, c call.Call, k Known, slots []Slot) error {
	found, err := Double(ctx, tx, a)
	if err != nil {
		return err
	}
	text, err := json.Marshal(contentOf(a, c, k, slots, found))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	x := Copy{Application: a.ID, Seq: a.Sent, Text: string(text), SHA256: hex.EncodeToString(sum[:]), SentBy: who.Account, SentAt: now}
	_, err = tx.NewInsert().Model(&x).Exec(ctx)
	return db.Translate(err)
}

// contentOf words an application as it stands, with the facts that are known.
func contentOf(a Application, c call.Call, k Known, slots []Slot, found []Found) Content {
	out := Content{Number: a.No(), CallNumber: c.No(), CallTitle: c.Title, Foundation: c.FoundationName, Organisation: k.Org.Name,
		Sections: []Section{{Title: "申请组织"}}, Budget: []Cost{}, Papers: []Paper{}}
	for _, f := range k.Facts {
		out.Sections[0].Answers = append(out.Sections[0].Answers, Answer{Label: f.Label, Value: f.Value, From: f.From})
	}
	f := a.Form
	for _, p := range Parts(c)[1:] {
		x := Section{Title: p.Title}
		if p.Key == Project {
			x.Answers = []Answer{{Label: "项目名称", Value: f.Title}, {Label: "项目概要", Value: f.Summary}, {Label: "服务对象", Value: f.Beneficiaries},
				{Label: "起止日期", Value: strings.Trim(f.Start+" 至 "+f.End, " 至")}}
			if len(found) > 0 {
				x.Answers = append(x.Answers, Answer{Label: "平台查到的同期项目", From: "履约记录", Columns: []string{"来源", "项目", "出资", "金额（元）", "期限"}, Rows: foundIn(found)},
					Answer{Label: "与本项目有什么不同", Value: f.Overlap})
			}
		}
		for _, q := range Questions(c, p) {
			x.Answers = append(x.Answers, answerOf(f, q, slots))
		}
		if len(x.Answers) > 0 {
			out.Sections = append(out.Sections, x)
		}
	}
	var typing fault.Check
	out.Budget = append(out.Budget, f.costs(&typing)...)
	if a.Asked != nil {
		out.Asked = *a.Asked
	}
	for _, s := range slots {
		for _, x := range s.Files {
			out.Papers = append(out.Papers, Paper{Label: s.Label, Name: x.Name, Attachment: x.ID, Size: x.Size, SHA256: x.SHA256, From: s.From})
		}
	}
	return out
}

func answerOf(f Form, q Asked, slots []Slot) Answer {
	x := Answer{Label: q.Title, Value: f.Answers[q.Key()]}
	switch q.Type {
	case call.Text, call.Choice, call.Date: // as typed
	case call.Number:
		if x.Value != "" && q.Unit != "" {
			x.Value += " " + q.Unit
		}
	case call.Table:
		x.Columns, x.Rows = q.Choices(), f.Tables[q.Key()]
	case call.File:
		var names []string
		if i := slices.IndexFunc(slots, func(s Slot) bool { return s.Key == q.Key() }); i >= 0 {
			for _, a := range slots[i].Files {
				names = append(names, a.Name)
			}
		}
		x.Value = strings.Join(names, "、")
	}
	return x
}

// Preview is what would be sent now, for the check page.
func (s *Service) Preview(ctx context.Context, who party.Actor, application id.ID) (Content, []Slot, error) {
	a, c, err := s.Get(ctx, who, application)
	if err != nil {
		return Content{}, nil, err
	}
	if err := s.Require(ctx, s.db, who, a, "preview"); err != nil {
		return Content{}, nil, err
	}
	k, err := s.known(ctx, s.db, a.Organisation, s.clock.Now())
	if err != nil {
		return Content{}, nil, err
	}
	slots, err := s.slots(ctx, s.db, a, c, k)
	if err != nil {
		return Content{}, nil, err
	}
	found, err := Double(ctx, s.db, a)
	return contentOf(a, c, k, slots, found), slots, err
}

// Copies lists what was sent, the last first, for who may view the application.
func (s *Service) Copies(ctx context.Context, who party.Actor, application id.ID) ([]Copy, error) {
	if err := s.May(ctx, who, application, "view"); err != nil {
		return nil, err
	}
	return copies(ctx, s.db, application)
}

func copies(ctx context.Context, d bun.IDB, application id.ID) ([]Copy, error) {
	out := []Copy{}
	if err := d.NewSelect().Model(&out).Where("application = ?", application).Order("seq DESC").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	for i := range out {
		if err := json.Unmarshal([]byte(out[i].Text), &out[i].Content); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Last is the copy that counts; NotFound where nothing was sent. The caller
// authorises.
func Last(ctx context.Context, d bun.IDB, application id.ID) (Copy, error) {
	all, err := copies(ctx, d, application)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "这份申请还没有提交过")
	}
	if err != nil {
		return Copy{}, err
	}
	return all[0], nil
}

// OpenPaper reads a file that a copy was sent with, taken out of the draft or
// the vault since or not, for who may view the application.
func (s *Service) OpenPaper(ctx context.Context, who party.Actor, application, file id.ID) (attachment.Attachment, io.ReadCloser, error) {
	all, err := s.Copies(ctx, who, application)
	if err != nil {
		return attachment.Attachment{}, nil, err
	}
	if !slices.ContainsFunc(all, func(c Copy) bool { return c.Content.Has(file) }) {
		return attachment.Attachment{}, nil, fault.New(fault.NotFound, "没有找到附件")
	}
	return s.attachments.OpenKept(ctx, file)
}
