package need

import (
	"cmp"
	"context"
	"slices"

	"gongji/app/delivery/survey"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Dish is a service that a community can ask for, with who delivers it.
type Dish struct {
	Code      string     `json:"code"`
	Name      string     `json:"name"`
	Providers []Provider `json:"providers"`
}

// Provider is who delivered a service here and how that was judged.
type Provider struct {
	ID      id.ID  `json:"id"`
	Name    string `json:"name"`
	Jobs    int    `json:"engagements"`
	Graded  int    `json:"evaluated"`
	Points  int    `json:"points" description:"已公布绩效得分的平均，百分之一分；没有则为 0"`
	Grade   string `json:"grade,omitempty" description:"最近一次公布的等级"`
	Asked   int    `json:"satisfaction_surveys" description:"有满意度的问卷数"`
	Percent int    `json:"satisfaction" description:"满意度的平均，万分之几；没有则为 0"`
	Latest  id.ID  `json:"latest" description:"最近一个项目"`
	sums    [2]int
}

// Share is the satisfaction in words.
func (p Provider) Share() string { return survey.Figure{Percent: p.Percent}.Share() }

// Score is the points in words.
func (p Provider) Score() string { return survey.Assessment{Score: p.Points}.Points() }

// Menu lists the services that were bought on the platform and who delivered
// them. The order is stated and follows from the record alone: the mean of the
// published scores, then of the residents' satisfaction, then how many were
// delivered, then the name; without a score after with one. Nobody pays for a
// place.
func (s *Service) Menu(ctx context.Context) ([]Dish, error) {
	var rows []struct {
		Code       string `bun:"code"`
		Name       string `bun:"name"`
		Engagement id.ID  `bun:"engagement"`
		Provider   id.ID  `bun:"provider"`
		ProvName   string `bun:"provider_name"`
		Total      *int   `bun:"total"`
		Grade      string `bun:"grade"`
	}
	err := s.db.NewSelect().TableExpr("engagement AS e").Join("JOIN contract AS c ON c.id = e.ref").Join("JOIN tender AS t ON t.id = c.tender").
		Join("LEFT JOIN performance AS p ON p.engagement = e.id AND p.published_at IS NOT NULL").
		ColumnExpr("t.catalogue_code AS code, t.catalogue_name AS name, e.id AS engagement, e.provider, e.provider_name, p.total, COALESCE(p.grade, '') AS grade").
		Where("e.kind = 'contract' AND e.state <> 'void' AND t.catalogue_code <> ''").Order("e.id").Limit(5000).Scan(ctx, &rows)
	if err != nil {
		return nil, db.Translate(err)
	}
	dishes := map[string]*Dish{}
	at := map[[2]string]*Provider{}
	var order []*Provider
	for _, x := range rows {
		d := dishes[x.Code]
		if d == nil {
			d = &Dish{Code: x.Code}
			dishes[x.Code] = d
		}
		d.Name = x.Name
		key := [2]string{x.Code, string(x.Provider)}
		p := at[key]
		if p == nil {
			p = &Provider{ID: x.Provider}
			at[key] = p
			order = append(order, p)
		}
		p.Name, p.Latest = x.ProvName, x.Engagement
		p.Jobs++
		if x.Total != nil {
			p.Graded, p.sums[0], p.Grade = p.Graded+1, p.sums[0]+*x.Total, x.Grade
		}
		f, err := survey.Satisfaction(ctx, s.db, x.Engagement, s.clock.Now())
		if err != nil {
			return nil, err
		}
		if f.Enough {
			p.Asked, p.sums[1] = p.Asked+1, p.sums[1]+f.Percent
		}
	}
	for _, p := range order {
		if p.Graded > 0 {
			p.Points = (2*p.sums[0] + p.Graded) / (2 * p.Graded)
		}
		if p.Asked > 0 {
			p.Percent = (2*p.sums[1] + p.Asked) / (2 * p.Asked)
		}
	}
	out := []Dish{}
	for code, d := range dishes {
		for key, p := range at {
			if key[0] == code {
				d.Providers = append(d.Providers, *p)
			}
		}
		slices.SortFunc(d.Providers, better)
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Dish) int { return cmp.Compare(a.Code, b.Code) })
	return out, nil
}

// better is the stated order of the menu.
func better(a, b Provider) int {
	return cmp.Or(cmp.Compare(b.Points, a.Points), cmp.Compare(b.Percent, a.Percent), cmp.Compare(b.Jobs, a.Jobs), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}
