package opening

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

func read(ctx context.Context, d bun.IDB, tenderID id.ID) (Opening, error) {
	var o Opening
	err := db.Found(d.NewSelect().Model(&o).Where("tender = ?", tenderID).Scan(ctx), "开标")
	return o, err
}

func save(ctx context.Context, tx bun.Tx, o *Opening, columns ...string) error {
	return db.One(tx.NewUpdate().Model(o).Column(columns...).WherePK().Exec(ctx))
}

// Of is the opening of a tender with the bids that stand, public from its
// start; NotFound before.
func (s *Service) Of(ctx context.Context, tenderID id.ID) (Opening, []Line, error) {
	o, err := read(ctx, s.db, tenderID)
	if err != nil {
		return o, nil, err
	}
	lines, err := Lines(ctx, s.db, tenderID)
	return o, lines, err
}

// Lines are the bids that were read out and stand, in the order they arrived;
// empty where nothing was opened. Evaluation goes by these.
func Lines(ctx context.Context, d bun.IDB, tenderID id.ID) ([]Line, error) {
	lines := []Line{}
	err := d.NewSelect().Model(&lines).Where("tender = ? AND failed = ''", tenderID).Order("position").Scan(ctx)
	return lines, db.Translate(err)
}

// Listed are all bids that were read out, those that could not be opened too.
func Listed(ctx context.Context, d bun.IDB, tenderID id.ID) ([]Line, error) {
	lines := []Line{}
	err := d.NewSelect().Model(&lines).Where("tender = ?", tenderID).Order("position").Scan(ctx)
	return lines, db.Translate(err)
}

func answersOf(ctx context.Context, d bun.IDB, tenderID id.ID) (map[id.ID]Answer, error) {
	var list []Answer
	err := d.NewSelect().Model(&list).Where("tender = ?", tenderID).Order("at", "id").Scan(ctx)
	out := map[id.ID]Answer{}
	for _, a := range list {
		out[a.Bid] = a
	}
	return out, db.Translate(err)
}

// View is an opening as everybody watches it.
type View struct {
	State    State     `json:"state" enum:"before,gathering,reading,stopped,confirming,closed"`
	Deadline time.Time `json:"deadline"`
	Opening  *Opening  `json:"opening,omitempty"`
	// Lines are all bids read out so far; Answers what their bidders said, by bid.
	Lines   []Line           `json:"lines"`
	Answers map[id.ID]Answer `json:"answers"`
	Holders []Seat           `json:"holders"`
	Need    int              `json:"need" description:"开启所需的密钥份数"`
	Given   int              `json:"given" description:"现在在平台内存中的份数"`
	// Waiting says that reading has begun, no share is in memory and nothing is
	// being read: the holders must give theirs again.
	Waiting bool `json:"waiting" description:"开标中断，等持钥人重新交出密钥份"`
	// Seq is the number of the last event in this view: watch from there.
	Seq int64 `json:"seq"`
	// May are the actions open to the actor: give, start, answer, close.
	May []string `json:"may"`
	// Mine is the line of the actor's own organisation.
	Mine *Line `json:"mine,omitempty"`
	// MyIndex is the share that the actor holds; 0 for others.
	MyIndex int `json:"my_index,omitempty"`
}

// Seat is a place for a share, as the public sees it.
type Seat struct {
	Index int    `json:"index"`
	Post  string `json:"post"`
	Given bool   `json:"given"`
}

// View shows an opening to whoever may see the notice. Before bids are read
// nothing in it tells whether there are any.
func (s *Service) View(ctx context.Context, who party.Actor, tenderID id.ID) (View, error) {
	t, err := s.Tenders.Get(ctx, who, tenderID)
	if err != nil {
		return View{}, err
	}
	now := s.clock.Now()
	v := View{State: Before, Lines: []Line{}, Answers: map[id.ID]Answer{}, Holders: []Seat{}, May: []string{}}
	if t.Deadline != nil {
		v.Deadline = *t.Deadline
	}
	// The number comes first: what happens in between is in the view and sent once more.
	if err := s.db.NewSelect().Table("opening_event").ColumnExpr("COALESCE(MAX(seq), 0)").Where("tender = ?", tenderID).Scan(ctx, &v.Seq); err != nil {
		return v, db.Translate(err)
	}
	o, err := read(ctx, s.db, tenderID)
	switch {
	case err == nil:
		v.State, v.Opening = o.State, &o
	case !fault.Is(err, fault.NotFound):
		return v, err
	case t.StateAt(now) == tender.Closed:
		v.State = Gathering
	case t.State != tender.Open:
		v.State = Closed // imported, cancelled: there was no opening here
	}
	if v.Lines, err = Listed(ctx, s.db, tenderID); err != nil {
		return v, err
	}
	if v.Answers, err = answersOf(ctx, s.db, tenderID); err != nil {
		return v, err
	}
	return v, s.seats(ctx, who, t, &v, now)
}

// seats fills in who holds, what is here, and what the actor may do.
func (s *Service) seats(ctx context.Context, who party.Actor, t tender.Tender, v *View, now time.Time) error {
	k, set, err := keyOf(ctx, s.db, t.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	r := s.peek(t.ID)
	given := r.given(k)
	for _, h := range set.Holders {
		v.Holders = append(v.Holders, Seat{Index: h.Place, Post: h.Post(), Given: given[h.Place]})
		if given[h.Place] {
			v.Given++
		}
	}
	v.Need = k.Threshold
	v.Waiting = (v.State == Reading || v.State == Stopped) && r.loop() == nil && v.Given < v.Need
	seat := set.Holder(who.Account)
	if seat != nil {
		v.MyIndex = seat.Place
	}
	if v.Mine, err = own(ctx, s.db, who, t.ID); err != nil {
		return err
	}
	rel := relations(who, t, seat)
	if v.Mine != nil {
		rel = append(rel, "bidder."+string(who.Role))
	}
	may := func(action string) bool { return s.policy.Any(rel, t.Object(now), action) }
	reading := v.State == Gathering || v.State == Stopped || v.State == Reading && r.loop() == nil
	for _, x := range []struct {
		name string
		ok   bool
	}{
		{"give", reading && may("give")},
		{"start", reading && may("open")},
		{"answer", v.Opening != nil && v.State != Closed && v.Mine != nil && may("confirm")},
		{"close", v.State == Confirming && may("open")},
	} {
		if x.ok {
			v.May = append(v.May, x.name)
		}
	}
	return nil
}
