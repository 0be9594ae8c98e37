package tender

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Invitations are the published tenders that name an actor's organisation as
// one that may take part (邀请招标, 框架协议第二阶段, 单一来源), the latest draft
// first. Who else is named they do not say.
func (s *Service) Invitations(ctx context.Context, who party.Actor, f Filter) (Page, error) {
	f.normalise()
	if who.Org == "" || who.OrgKind != party.Social {
		return Page{Items: []Tender{}}, nil
	}
	now := s.clock.Now()
	where := func(q *bun.SelectQuery) *bun.SelectQuery {
		q = invited(q, who.Org)
		if f.Text != "" {
			like := "%" + escape.Replace(f.Text) + "%"
			q = q.Where("(title LIKE ? ESCAPE '!' OR number LIKE ? ESCAPE '!' OR buyer_name LIKE ? ESCAPE '!')", like, like, like)
		}
		return f.apply(q, now)
	}
	p, err := s.count(ctx, where)
	if err != nil {
		return p, err
	}
	p.Items = []Tender{}
	q := where(s.db.NewSelect().Model(&p.Items))
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	err = q.Order("id DESC").Limit(int64(f.Limit) + 1).Scan(ctx)
	if len(p.Items) > f.Limit {
		p.Items = p.Items[:f.Limit]
		p.Next = p.Items[f.Limit-1].ID
	}
	return p, db.Translate(err)
}

// invited narrows to published tenders that name an organisation.
func invited(q *bun.SelectQuery, org id.ID) *bun.SelectQuery {
	return q.Where("invited IS NOT NULL AND published_at IS NOT NULL").Where("invited LIKE ? ESCAPE '!'", `%"`+escape.Replace(string(org))+`"%`)
}

// Invited counts the tenders that name an actor's organisation and still take
// bids, with the one whose deadline comes first; nil where there is none.
func (s *Service) Invited(ctx context.Context, who party.Actor) (int, *Tender, error) {
	if who.Org == "" || who.OrgKind != party.Social {
		return 0, nil, nil
	}
	list := []Tender{}
	err := Filter{State: Open}.apply(invited(s.db.NewSelect().Model(&list), who.Org), s.clock.Now()).Order("deadline", "id").Limit(100).Scan(ctx)
	if err != nil || len(list) == 0 {
		return 0, nil, db.Translate(err)
	}
	return len(list), &list[0], nil
}

// InvitedTo are the organisations that a project names. It is for messages to
// their own boxes only: who is invited nobody else may know.
func InvitedTo(ctx context.Context, d bun.IDB, project id.ID) ([]id.ID, error) {
	var list []Tender
	err := d.NewSelect().Model(&list).Column("id", "invited").Where("(id = ? OR project = ?) AND invited IS NOT NULL", project, project).Scan(ctx)
	var out []id.ID
	for _, t := range list {
		for _, x := range t.Invited {
			out = append(out, x.ID)
		}
	}
	return out, db.Translate(err)
}
