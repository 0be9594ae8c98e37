package review

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/storage/db"
)

// Standing is one application in a round as the foundation sees it.
type Standing struct {
	Application application.Application `json:"application"`
	Sheets      []Sheet                 `json:"sheets"` // handed in; of reviewers without a tie
	Waiting     []string                `json:"waiting,omitempty"`
	Tied        []string                `json:"tied,omitempty"` // who stands aside
	Mean        Score                   `json:"mean"`
	Spread      Score                   `json:"spread"`
	Rank        int                     `json:"rank"` // equal means share a rank
	Outcome     *Outcome                `json:"outcome,omitempty"`

	totals []Score
}

// Board is a round as the foundation sees it.
type Board struct {
	Round      int64      `json:"round"`
	Rounds     int64      `json:"rounds"`
	Name       string     `json:"name"`
	Open       bool       `json:"open"`
	Settled    bool       `json:"settled"`
	Over       bool       `json:"over"` // the last round is settled
	Reviewers  []Reviewer `json:"reviewers"`
	Standings  []Standing `json:"standings"` // best first
	Unfinished int        `json:"unfinished"`
}

// Board shows the round at hand, or the one asked for; 0 is the one at hand,
// the last one once all are settled.
func (s *Service) Board(ctx context.Context, who party.Actor, to id.ID, round int64) (Board, error) {
	c, err := call.Read(ctx, s.db, to)
	if err == nil {
		err = s.require(who, c, "follow")
	}
	if err != nil {
		return Board{}, err
	}
	return s.view(ctx, s.db, c, round)
}

func (s *Service) view(ctx context.Context, d bun.IDB, c call.Call, round int64) (Board, error) {
	b, err := s.board(ctx, d, c)
	if err != nil {
		return Board{}, err
	}
	out := Board{Rounds: int64(len(c.Form.Rounds)), Over: b.over()}
	at := b.round
	if round > 0 {
		at = round
	}
	at = min(at, out.Rounds)
	if at < 1 || at > b.round {
		return out, fault.New(fault.NotFound, "没有这一轮评审")
	}
	out.Round, out.Name, out.Open, out.Settled = at, c.Form.Rounds[at-1].Name, b.open && at == b.round, at < b.round
	if at != b.round {
		if b.apps, err = inRound(ctx, d, c.ID, at); err != nil {
			return out, err
		}
		if b.people, err = people(ctx, d, c.ID, at); err != nil {
			return out, err
		}
	}
	out.Reviewers = b.people
	var outcomes []Outcome
	if err := d.NewSelect().Model(&outcomes).Where("call = ? AND round = ?", c.ID, at).Scan(ctx); err != nil {
		return out, db.Translate(err)
	}
	came := map[id.ID]*Outcome{}
	for i := range outcomes {
		came[outcomes[i].Application] = &outcomes[i]
	}
	sheets, err := sheetsOf(ctx, d, b.people...)
	if err != nil {
		return out, err
	}
	for _, a := range b.apps {
		st := standing(a, b.people, sheets)
		st.Outcome = came[a.ID]
		if !out.Settled {
			out.Unfinished += len(st.Waiting)
		}
		out.Standings = append(out.Standings, st)
	}
	slices.SortStableFunc(out.Standings, func(x, y Standing) int { return Compare(y.totals, x.totals) })
	for i := range out.Standings {
		out.Standings[i].Rank = i + 1
		if i > 0 && Compare(out.Standings[i].totals, out.Standings[i-1].totals) == 0 {
			out.Standings[i].Rank = out.Standings[i-1].Rank
		}
	}
	return out, nil
}

func standing(a application.Application, people []Reviewer, sheets map[desked]*Sheet) Standing {
	st := Standing{Application: a, Sheets: []Sheet{}}
	for _, r := range people {
		if _, tied := r.conflict(a.ID); tied {
			st.Tied = append(st.Tied, r.Name)
			continue
		}
		x := sheets[desked{r.ID, a.ID}]
		if x == nil || x.HandedAt == nil {
			st.Waiting = append(st.Waiting, r.Name)
			continue
		}
		st.Sheets, st.totals = append(st.Sheets, *x), append(st.totals, *x.Total)
	}
	st.Mean, st.Spread = Mean(st.totals), Spread(st.totals)
	return st
}

// Item is one application on a reviewer's desk. Tied says why it is closed.
type Item struct {
	Application id.ID  `json:"application"`
	Number      string `json:"number"`
	Org         string `json:"organisation_name"`
	Title       string `json:"title,omitempty"` // only where it is open
	Tied        string `json:"tied,omitempty"`
	Sheet       *Sheet `json:"sheet,omitempty"`
	Open        bool   `json:"open"` // to this reviewer: what was decided since is not
}

// Desk is a reviewer's work in a call.
type Desk struct {
	Call     call.Call `json:"call"`
	Round    int64     `json:"round"`
	Name     string    `json:"name"`
	Declared bool      `json:"declared"`
	Open     bool      `json:"open"`
	Items    []Item    `json:"items"`
	Left     int       `json:"left"` // sheets that are not handed in
}

// DeskOf is what a reviewer has to do in a call. Before they declare it names
// the organisations only.
func (s *Service) DeskOf(ctx context.Context, who party.Actor, to id.ID) (Desk, error) {
	r, err := seat(ctx, s.db, who, to, 0)
	if err != nil {
		return Desk{}, err
	}
	c, err := call.Read(ctx, s.db, to)
	if err != nil {
		return Desk{}, err
	}
	b, err := s.board(ctx, s.db, c)
	if err != nil {
		return Desk{}, err
	}
	apps, err := inRound(ctx, s.db, to, r.Round)
	if err != nil {
		return Desk{}, err
	}
	out := Desk{Call: c, Round: r.Round, Name: c.Form.Rounds[r.Round-1].Name, Declared: r.DeclaredAt != nil, Open: b.open && b.round == r.Round, Items: []Item{}}
	orgs := make([]id.ID, len(apps))
	for i, a := range apps {
		orgs[i] = a.Organisation
	}
	ties, err := s.ties(ctx, s.db, who.Account, orgs...)
	if err != nil {
		return out, err
	}
	sheets, err := sheetsOf(ctx, s.db, r)
	if err != nil {
		return out, err
	}
	for _, a := range apps {
		x := Item{Application: a.ID, Number: a.No(), Org: a.OrgName, Tied: ties[a.Organisation]}
		if k, tied := r.conflict(a.ID); tied {
			x.Tied = k.Why
		}
		if x.Tied == "" && out.Declared {
			x.Title, x.Sheet, x.Open = a.Title, sheets[desked{r.ID, a.ID}], a.State == application.Submitted
			if x.Sheet == nil || x.Sheet.HandedAt == nil {
				out.Left++
			}
		}
		out.Items = append(out.Items, x)
	}
	return out, nil
}

// Mine lists the calls that the actor reviews, the newest first.
func (s *Service) Mine(ctx context.Context, who party.Actor) ([]Desk, error) {
	var calls []id.ID
	err := s.db.NewSelect().Model((*Reviewer)(nil)).ColumnExpr("DISTINCT call").Where("account = ? AND removed_at IS NULL", who.Account).
		Order("call DESC").Scan(ctx, &calls)
	if err != nil {
		return nil, db.Translate(err)
	}
	out := []Desk{}
	for _, c := range calls {
		x, err := s.DeskOf(ctx, who, c)
		if fault.Is(err, fault.NotFound) { // named for a round that has not begun
			continue
		} else if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// Scoring is an application with what a reviewer needs to score it.
type Scoring struct {
	Application application.Application `json:"application"`
	Call        call.Call               `json:"call"`
	Copy        application.Copy        `json:"copy"`
	Rubric      call.Round              `json:"rubric"`
	Sheet       *Sheet                  `json:"sheet,omitempty"`
	Open        bool                    `json:"open"`
}

// Scoring is the page of one application for its reviewer.
func (s *Service) Scoring(ctx context.Context, who party.Actor, app id.ID) (Scoring, error) {
	x, err := s.onDesk(ctx, s.db, who, app)
	if err != nil {
		return Scoring{}, err
	}
	b, err := s.board(ctx, s.db, x.call)
	if err != nil {
		return Scoring{}, err
	}
	last, err := application.Last(ctx, s.db, app)
	return Scoring{Application: x.app, Call: x.call, Copy: last, Rubric: x.round, Sheet: x.sheet, Open: b.open && b.round == x.seat.Round}, err
}

// Verdict is what an applicant may see of the review once it is decided:
// the figures and the comments, without names.
type Verdict struct {
	Round    string   `json:"round"`
	Passed   bool     `json:"passed"`
	Mean     Score    `json:"mean"`
	Spread   Score    `json:"spread"`
	Sheets   int64    `json:"sheets"`
	Reason   string   `json:"reason,omitempty"`
	Comments []string `json:"comments"`
}

// Verdicts lists the outcomes of an application; the caller authorises and
// shows them only after the decision.
func (s *Service) Verdicts(ctx context.Context, a application.Application) ([]Verdict, error) {
	c, err := call.Read(ctx, s.db, a.Call)
	if err != nil {
		return nil, err
	}
	var rows []Outcome
	if err := s.db.NewSelect().Model(&rows).Where("application = ?", a.ID).Order("round").Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	out := []Verdict{}
	for _, r := range rows {
		v := Verdict{Round: c.Form.Rounds[r.Round-1].Name, Passed: r.Passed, Mean: r.Mean, Spread: r.Spread, Sheets: r.Sheets, Reason: r.Reason, Comments: []string{}}
		who, err := people(ctx, s.db, a.Call, r.Round)
		if err != nil {
			return nil, err
		}
		sheets, err := sheetsOf(ctx, s.db, who...)
		if err != nil {
			return nil, err
		}
		for _, x := range standing(a, who, sheets).Sheets {
			v.Comments = append(v.Comments, x.Comment)
		}
		slices.Sort(v.Comments) // not in the reviewers' order
		out = append(out, v)
	}
	return out, nil
}
