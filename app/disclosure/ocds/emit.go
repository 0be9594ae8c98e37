package ocds

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party/organisation"
	"gongji/storage/db"
)

// row is a release as it is kept; both databases refuse to change or remove
// one. txid is the transaction that wrote it (0 on SQLite), era counts the
// databases it has lived in (see Settle).
type row struct {
	bun.BaseModel `bun:"table:ocds_release"`

	Seq     int64     `bun:"seq,pk,autoincrement"`
	Era     int64     `bun:"era"`
	TxID    int64     `bun:"txid"`
	ID      id.ID     `bun:"id"`
	Process id.ID     `bun:"process"`
	Tag     string    `bun:"tag"`
	Date    time.Time `bun:"date"`
	Body    string    `bun:"body"`
}

// Emit writes the release of an event that happened at a moment, in the
// transaction that decides it. Whoever holds the tender's row may call it:
// releases of one purchase are then written one after another.
func Emit(ctx context.Context, tx bun.IDB, at time.Time, r Release) error {
	if r.Process == "" || len(r.Tag) == 0 {
		return fault.New(fault.Unknown, "ocds: a release names its process and has a tag")
	}
	r.ID, r.Date, r.InitiationType, r.Language = id.New(at), Moment(clock.Trunc(at)), initiation, language
	if err := r.introduce(ctx, tx); err != nil {
		return err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	tags, err := json.Marshal(r.Tag)
	if err != nil {
		return err
	}
	x := row{ID: r.ID, Process: r.Process, Tag: string(tags), Date: clock.Trunc(at), Body: string(body)}
	_, err = tx.NewInsert().Model(&x).ExcludeColumn("seq", "txid").
		Value("era", "(SELECT COALESCE(MAX(number), 0) FROM ocds_era)").Returning("NULL").Exec(ctx)
	return db.Translate(err)
}

// introduce gives every reference the id of its party and adds the parties,
// with all roles they ever had in this purchase: a merged list of roles is the
// last one, not the sum.
func (r *Release) introduce(ctx context.Context, tx bun.IDB) error {
	had, err := rolesBefore(ctx, tx, r.Process)
	if err != nil {
		return err
	}
	name := func(ref *Reference, role string) error {
		if ref == nil || ref.Org == "" {
			return nil
		}
		p, err := partyOf(ctx, tx, *ref)
		if err != nil {
			return err
		}
		ref.ID = p.ID
		i := slices.IndexFunc(r.Parties, func(x Party) bool { return x.ID == p.ID })
		if i < 0 {
			p.Roles = slices.Clone(had[p.ID])
			r.Parties, i = append(r.Parties, p), len(r.Parties)
		}
		if !slices.Contains(r.Parties[i].Roles, role) {
			r.Parties[i].Roles = append(r.Parties[i].Roles, role)
		}
		return nil
	}
	if err := name(r.Buyer, "buyer"); err != nil {
		return err
	}
	if r.Tender != nil {
		if err := name(r.Tender.ProcuringEntity, "procuringEntity"); err != nil {
			return err
		}
		for i := range r.Tender.Tenderers {
			if err := name(&r.Tender.Tenderers[i], "tenderer"); err != nil {
				return err
			}
		}
	}
	for _, a := range r.Awards {
		for i := range a.Suppliers {
			if err := name(&a.Suppliers[i], "supplier"); err != nil {
				return err
			}
		}
	}
	return nil
}

func partyOf(ctx context.Context, tx bun.IDB, ref Reference) (Party, error) {
	var o organisation.Organisation
	if err := db.Found(tx.NewSelect().Model(&o).Where("id = ?", ref.Org).Scan(ctx), "组织"); err != nil {
		return Party{}, err
	}
	p := Party{ID: "GONGJI-ORG-" + string(o.ID), Name: ref.Name, Address: &Address{Region: o.Region, Country: "中国"}}
	if p.Name == "" {
		p.Name = o.Name
	}
	if code := o.Code(); code != "" {
		p.ID, p.Identifier = identifierScheme+"-"+code, &Identifier{identifierScheme, code, o.Name}
	}
	return p, nil
}

func rolesBefore(ctx context.Context, tx bun.IDB, process id.ID) (map[string][]string, error) {
	var bodies []string
	if err := tx.NewSelect().Model((*row)(nil)).Column("body").Where("process = ?", process).Order("seq").Scan(ctx, &bodies); err != nil {
		return nil, db.Translate(err)
	}
	had := map[string][]string{}
	for _, b := range bodies {
		var r struct{ Parties []Party }
		if err := json.Unmarshal([]byte(b), &r); err != nil {
			return nil, err
		}
		for _, p := range r.Parties {
			had[p.ID] = p.Roles
		}
	}
	return had, nil
}
