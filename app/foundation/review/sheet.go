package review

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

func count(n int) string { return fmt.Sprintf("%d 份", n) }

// desk is one application on a reviewer's desk.
type desk struct {
	app   application.Application
	call  call.Call
	seat  Reviewer
	sheet *Sheet
	round call.Round
}

// onDesk reads what a reviewer needs to score an application; an application
// that is not open to them does not exist.
func (s *Service) onDesk(ctx context.Context, d bun.IDB, who party.Actor, app id.ID) (desk, error) {
	var x desk
	var err error
	if x.app, err = application.Read(ctx, d, app); err != nil {
		return x, err
	}
	ok, err := s.reads(ctx, d, who, x.app)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "没有找到申请")
	}
	if err != nil {
		return x, err
	}
	if x.call, err = call.Read(ctx, d, x.app.Call); err != nil {
		return x, err
	}
	if x.seat, err = seat(ctx, d, who, x.app.Call, 0); err != nil {
		return x, err
	}
	x.round = x.call.Form.Rounds[x.seat.Round-1]
	x.sheet, err = sheetOf(ctx, d, x.seat.ID, app)
	return x, err
}

func sheetOf(ctx context.Context, d bun.IDB, reviewer, app id.ID) (*Sheet, error) {
	var x Sheet
	err := d.NewSelect().Model(&x).Where("reviewer = ? AND application = ?", reviewer, app).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &x, db.Translate(err)
}

// desked is one reviewer's place at one application.
type desked struct{ reviewer, application id.ID }

// sheetsOf reads every sheet of some reviewers at once.
func sheetsOf(ctx context.Context, d bun.IDB, people ...Reviewer) (map[desked]*Sheet, error) {
	out := map[desked]*Sheet{}
	if len(people) == 0 {
		return out, nil
	}
	ids := make([]id.ID, len(people))
	for i, r := range people {
		ids[i] = r.ID
	}
	var rows []Sheet
	err := d.NewSelect().Model(&rows).Where("reviewer IN (?)", bun.List(ids)).Scan(ctx)
	for i := range rows {
		out[desked{rows[i].Reviewer, rows[i].Application}] = &rows[i]
	}
	return out, db.Translate(err)
}

// sheet is the frame of a reviewer's verbs: lock the call, so that the round
// cannot be settled meanwhile; look again whether a tie blocks; decide.
func (s *Service) sheet(ctx context.Context, who party.Actor, app id.ID, do func(ctx context.Context, tx bun.Tx, x desk, now time.Time) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		a, err := application.Read(ctx, tx, app)
		if err != nil {
			return err
		}
		c, err := call.ForUpdate(ctx, tx, a.Call)
		if err != nil {
			return err
		}
		x, err := s.onDesk(ctx, tx, who, app)
		if err != nil {
			return err
		}
		b, err := s.board(ctx, tx, c)
		if err != nil {
			return err
		}
		if !b.open || b.round != x.seat.Round {
			return fault.New(fault.TooLate, "这一轮评审已经结束")
		}
		return do(ctx, tx, x, s.clock.Now())
	})
}

// Marks are a reviewer's scores as they are typed, by criterion in order.
type Marks struct {
	Scores  []*int64 `json:"scores" description:"每项 0–100 的整数，按评分项的顺序；没有打的留空"`
	Comment string   `json:"comment" description:"评语；公布结果后申请组织可以看到，不带评审人姓名"`
	Version int64    `json:"version,omitempty" description:"读到的版本；从未保存过为 0"`
}

// Save keeps a sheet that is not handed in; HandIn finishes it.
func (s *Service) Save(ctx context.Context, who party.Actor, app id.ID, in Marks) error {
	return s.put(ctx, who, app, in, false)
}

// HandIn hands a complete sheet in, once; it no longer changes.
func (s *Service) HandIn(ctx context.Context, who party.Actor, app id.ID, in Marks) error {
	return s.put(ctx, who, app, in, true)
}

func (s *Service) put(ctx context.Context, who party.Actor, app id.ID, in Marks, hand bool) error {
	return s.sheet(ctx, who, app, func(ctx context.Context, tx bun.Tx, x desk, now time.Time) error {
		row := Sheet{Reviewer: x.seat.ID, Application: app, Version: 1, Scores: in.Scores, Comment: strings.TrimSpace(in.Comment), SavedAt: now}
		if x.sheet != nil && x.sheet.HandedAt != nil {
			return fault.New(fault.Conflict, "这份评分已经提交，不能再改")
		}
		if x.sheet != nil {
			if in.Version != x.sheet.Version {
				return fault.New(fault.Conflict, "这份评分刚在别处改过，请刷新页面再改")
			}
			row.Version = x.sheet.Version + 1
		}
		if err := row.check(x.round, hand); err != nil {
			return err
		}
		if total, ok := TotalOf(x.round, row.Scores); hand && ok {
			row.Total, row.HandedAt = &total, &now
		}
		_, err := tx.NewInsert().Model(&row).On("CONFLICT (reviewer, application) DO UPDATE").
			Set("version = EXCLUDED.version, scores = EXCLUDED.scores, comment = EXCLUDED.comment, total = EXCLUDED.total, saved_at = EXCLUDED.saved_at, handed_at = EXCLUDED.handed_at").Exec(ctx)
		return db.Translate(err)
	})
}

func (x *Sheet) check(r call.Round, whole bool) error {
	var k fault.Check
	for len(x.Scores) < len(r.Criteria) {
		x.Scores = append(x.Scores, nil)
	}
	x.Scores = x.Scores[:len(r.Criteria)]
	for i, c := range r.Criteria {
		name := fmt.Sprintf("scores.%d", i+1)
		v := x.Scores[i]
		if v == nil {
			k.Must(!whole, name, "请给“%s”打分", c.Name)
			continue
		}
		k.Must(*v >= 0 && *v <= 100, name, "“%s”请打 0 到 100 的整数", c.Name)
	}
	k.Must(utf8.ValidString(x.Comment) && utf8.RuneCountInString(x.Comment) <= 2000, "comment", "评语不超过 2000 个字")
	k.Must(!whole || utf8.RuneCountInString(x.Comment) >= 5, "comment", "请写评语，至少 5 个字；申请组织会看到")
	return k.Err()
}
