package survey

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/storage/db"
)

const noun = "居民问卷"

func read(ctx context.Context, d bun.IDB, survey id.ID) (Survey, error) {
	var v Survey
	err := d.NewSelect().Model(&v).Where("id = ?", survey).Scan(ctx)
	return v, db.Found(err, noun)
}

func byEngagement(ctx context.Context, d bun.IDB, of id.ID) (Survey, error) {
	var v Survey
	err := d.NewSelect().Model(&v).Where("engagement = ?", of).Scan(ctx)
	return v, db.Found(err, noun)
}

// tally counts a survey's invitations and answers.
type tally struct {
	Asked     int `bun:"asked"`
	Answered  int `bun:"answered"`
	Satisfied int `bun:"satisfied"` // of the invited, 4 or 5
	Open      int `bun:"open"`
}

func tallied(ctx context.Context, d bun.IDB, survey id.ID) (tally, error) {
	var t tally
	err := d.NewSelect().
		ColumnExpr("(SELECT COUNT(*) FROM resident_ticket WHERE survey = ?) AS asked", survey).
		ColumnExpr("(SELECT COUNT(*) FROM resident_answer WHERE survey = ? AND way = ?) AS answered", survey, Invited).
		ColumnExpr("(SELECT COUNT(*) FROM resident_answer WHERE survey = ? AND way = ? AND score >= 4) AS satisfied", survey, Invited).
		ColumnExpr("(SELECT COUNT(*) FROM resident_answer WHERE survey = ? AND way = ?) AS open", survey, Open).
		Scan(ctx, &t)
	return t, db.Translate(err)
}

func (t tally) figure(survey id.ID) Figure {
	f := Figure{Survey: survey, Asked: t.Asked, Answered: t.Answered, Open: t.Open, Enough: enough(t.Asked, t.Answered)}
	if f.Enough {
		f.Percent = share(t.Satisfied, t.Answered)
		f.Low, f.High = Wilson(t.Satisfied, t.Answered)
	}
	return f
}
