package need

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

func (s *Service) requireProposal(who party.Actor, p Proposal, action string) error {
	return s.policy.Require(who.To(string(party.Community)+".own", p.Community, ""), ProposalKind+"."+string(p.State), action)
}

// MayProposal is the access function of proposals; it fits access.Registry.
func (s *Service) MayProposal(ctx context.Context, who party.Actor, proposal id.ID, action string) error {
	p, err := readProposal(ctx, s.db, proposal)
	if err != nil {
		return err
	}
	return s.requireProposal(who, p, action)
}

func readProposal(ctx context.Context, d bun.IDB, proposal id.ID) (Proposal, error) {
	var p Proposal
	err := d.NewSelect().Model(&p).Where("id = ?", proposal).Scan(ctx)
	return p, db.Found(err, "提议")
}

// GetProposal reads one for the people of its community.
func (s *Service) GetProposal(ctx context.Context, who party.Actor, proposal id.ID) (Proposal, error) {
	p, err := readProposal(ctx, s.db, proposal)
	if err == nil {
		err = s.requireProposal(who, p, "view")
	}
	if err != nil {
		return Proposal{}, err
	}
	return p, nil
}

// ProposalFilter narrows a list; zero fields do not.
type ProposalFilter struct {
	Text  string
	State ProposalState
	After id.ID // keyset: newest first
	Limit int   // 0 means 20, at most 200
}

// Proposals lists what was proposed to the actor's community, newest first, and
// counts the whole list; Forbidden for everybody else.
func (s *Service) Proposals(ctx context.Context, who party.Actor, f ProposalFilter) ([]Proposal, int64, error) {
	out := []Proposal{}
	if who.OrgKind != party.Community {
		return out, 0, fault.New(fault.Forbidden, "居民提议由收到的街道、社区答复，请以社区的身份登录")
	}
	if err := s.requireProposal(who, Proposal{Community: who.Org, State: Waiting}, "view"); err != nil {
		return out, 0, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 20
	}
	where := func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("community = ?", who.Org)
		if f.State != "" {
			q = q.Where("state = ?", f.State)
		}
		if f.Text != "" {
			like := "%" + escape.Replace(f.Text) + "%"
			q = q.Where("(title LIKE ? ESCAPE '!' OR body LIKE ? ESCAPE '!')", like, like)
		}
		return q
	}
	total, err := where(s.db.NewSelect().Model((*Proposal)(nil))).Count(ctx)
	if err != nil {
		return out, 0, db.Translate(err)
	}
	q := where(s.db.NewSelect().Model(&out)).Order("id DESC").Limit(int64(f.Limit))
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	err = q.Scan(ctx)
	return out, total, db.Translate(err)
}

// decide locks a proposal that waits and lets do answer it; do says what became
// of it.
func (s *Service) decide(ctx context.Context, who party.Actor, proposal id.ID, do func(ctx context.Context, tx bun.Tx, p *Proposal, now time.Time) error) (Proposal, error) {
	var p Proposal
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		p = Proposal{}
		if err := db.Found(db.Lock(tx.NewSelect().Model(&p).Where("id = ?", proposal)).Scan(ctx), "提议"); err != nil {
			return err
		}
		if err := s.requireProposal(who, p, "view"); err != nil {
			return err
		}
		if p.State != Waiting {
			return fault.New(fault.Conflict, "这个提议已经答复过：%s", p.State.Name())
		}
		if err := s.requireProposal(who, p, "decide"); err != nil {
			return err
		}
		now := s.clock.Now()
		p.DecidedBy, p.DecidedAt = &who.Account, &now
		if err := do(ctx, tx, &p, now); err != nil {
			return err
		}
		if err := db.One(tx.NewUpdate().Model(&p).Column("state", "need", "answer", "decided_by", "decided_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: ProposalKind, ObjectID: p.ID, Action: "答复居民提议：" + p.State.Name(), Note: p.Answer})
	})
	return p, err
}

// Adopt takes a proposal up: it becomes a need in the community's own words,
// which are public, and says that it came from the open page.
func (s *Service) Adopt(ctx context.Context, who party.Actor, proposal id.ID, in Form) (Need, error) {
	n, by, err := s.worded(who, in)
	if err != nil {
		return n, err
	}
	_, err = s.decide(ctx, who, proposal, func(ctx context.Context, tx bun.Tx, p *Proposal, now time.Time) error {
		if n, err = s.enter(ctx, tx, who, n, by, "居民从公开入口提出（没有核实身份），社区列为议题", now); err != nil {
			return err
		}
		p.State, p.Need, p.Answer = TakenUp, &n.ID, "已列为社区议题，办理的经过都公开在议题页。"
		return nil
	})
	return n, err
}

// Merge adds a proposal to a need of the same community that is not over.
func (s *Service) Merge(ctx context.Context, who party.Actor, proposal, need id.ID, note string) (Proposal, error) {
	note = strings.TrimSpace(note)
	var c fault.Check
	c.Must(need != "", "need", "请选择并入哪个议题")
	c.Must(utf8.RuneCountInString(note) <= 500, "note", "不超过 500 个字")
	if err := c.Err(); err != nil {
		return Proposal{}, err
	}
	return s.decide(ctx, who, proposal, func(ctx context.Context, tx bun.Tx, p *Proposal, now time.Time) error {
		n, err := read(ctx, tx, need)
		var c fault.Check
		switch {
		case fault.Is(err, fault.NotFound) || err == nil && n.Community != p.Community:
			c.Fail("need", "请选择本社区的议题")
		case err == nil && (n.Step == Judged || n.Step == Declined):
			c.Fail("need", "“%s”已经结束，请选别的议题，或单独列为议题", n.Title)
		case err != nil:
			return err
		}
		if err := c.Err(); err != nil {
			return err
		}
		if note == "" {
			note = "和已有的议题是一回事，已并入一起办理。"
		}
		p.State, p.Need, p.Answer = Merged, &n.ID, note
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: Object, ObjectID: n.ID, Action: "并入居民提议", Public: true})
	})
}

// Decline does not take a proposal up; its proposer reads why.
func (s *Service) Decline(ctx context.Context, who party.Actor, proposal id.ID, reason string) (Proposal, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	c.Must(utf8.RuneCountInString(reason) >= 5 && utf8.RuneCountInString(reason) <= 500, "reason", "请写明不采纳的理由，5 至 500 个字，提出的人凭查询码能看到")
	if err := c.Err(); err != nil {
		return Proposal{}, err
	}
	return s.decide(ctx, who, proposal, func(_ context.Context, _ bun.Tx, p *Proposal, _ time.Time) error {
		p.State, p.Answer = TurnedDown, reason
		return nil
	})
}

// Undecided counts the proposals that wait for an actor's community.
func (s *Service) Undecided(ctx context.Context, who party.Actor) (int, error) {
	n, err := s.db.NewSelect().Model((*Proposal)(nil)).Where("community = ? AND state = ?", who.Org, Waiting).Count(ctx)
	return int(n), db.Translate(err)
}
