package survey

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Figure is the satisfaction (满意度) of an engagement: of the invited who
// answered, how many are 满意 or 非常满意. Open answers are not in it.
type Figure struct {
	Asked    int `json:"asked" description:"发出的邀请码"`
	Answered int `json:"answered" description:"凭邀请码的答卷"`
	Open     int `json:"open" description:"公开海报的答卷，不计入满意度"`
	// Percent, Low and High are hundredths of a percent, 0–10000; all 0 unless
	// Enough. Low and High are Wilson's interval at 95 %.
	Percent int   `json:"percent" description:"满意和非常满意的比例，万分之几；答卷不够时为 0"`
	Low     int   `json:"low" description:"95% 置信区间下限（Wilson）"`
	High    int   `json:"high" description:"95% 置信区间上限（Wilson）"`
	Enough  bool  `json:"enough" description:"答卷够不够得出满意度"`
	Survey  id.ID `json:"survey,omitempty"`
}

// Satisfaction is the figure of an engagement whose survey has closed by now;
// Survey is "" while there is none. Enough says whether it may be used: a
// figure of too few answers is no figure. The caller authorises.
func Satisfaction(ctx context.Context, d bun.IDB, of id.ID, now time.Time) (Figure, error) {
	v, err := byEngagement(ctx, d, of)
	if fault.Is(err, fault.NotFound) {
		return Figure{}, nil
	}
	if err != nil || !v.Closed(now) {
		return Figure{}, err
	}
	t, err := tallied(ctx, d, v.ID)
	return t.figure(v.ID), err
}

// Spread is what the invited answered to the question of the satisfaction, of
// an engagement whose survey has closed by now. It has no bars while there is
// no such survey, or where too few answered. The caller authorises.
func Spread(ctx context.Context, d bun.IDB, of id.ID, now time.Time) (Tally, error) {
	v, err := byEngagement(ctx, d, of)
	if fault.Is(err, fault.NotFound) {
		return Tally{}, nil
	}
	if err != nil || !v.Closed(now) {
		return Tally{}, err
	}
	out := Tally{Question: v.Questions[0]}
	t, err := tallied(ctx, d, v.ID)
	if err != nil || !enough(t.Asked, t.Answered) {
		return out, err
	}
	var rows []struct {
		Score int `bun:"score"`
		N     int `bun:"n"`
	}
	if err := d.NewSelect().Model((*answer)(nil)).ColumnExpr("score, COUNT(*) AS n").Where("survey = ? AND way = ?", v.ID, Invited).Group("score").Scan(ctx, &rows); err != nil {
		return out, db.Translate(err)
	}
	c := counting(Survey{Questions: v.Questions[:1]})
	c.seen[Headline] = map[string]int{}
	for _, x := range rows {
		c.seen[Headline][strconv.Itoa(x.Score)] += x.N
	}
	if list := c.done(); len(list) == 1 {
		out = list[0]
	}
	return out, nil
}

// Community lists what the street and community organisations gave, in the
// order they were asked. The caller authorises.
func Community(ctx context.Context, d bun.IDB, of id.ID) ([]Assessment, error) {
	out := []Assessment{}
	err := d.NewSelect().Model(&out).Where("engagement = ?", of).Order("given_at", "organisation").Scan(ctx)
	return out, db.Translate(err)
}
