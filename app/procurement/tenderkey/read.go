package tenderkey

import (
	"context"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// View is the keys of a tender for those who run it and watch over it.
type View struct {
	Key      *Key      `json:"key"`
	Handover *Handover `json:"handover,omitempty" description:"正在进行的移交"`
}

// Of reads who holds a tender's key, for its buyer.
func (s *Service) Of(ctx context.Context, who party.Actor, of id.ID) (View, error) {
	t, err := tender.Read(ctx, s.db, of)
	if err != nil {
		return View{}, err
	}
	k, err := s.load(ctx, s.db, t)
	if err != nil {
		return View{}, err
	}
	if err := s.require(who, k, "follow"); err != nil {
		return View{}, err
	}
	out := View{Key: k.now}
	if k.next != nil {
		out.Handover, err = s.handover(ctx, s.db, who, k)
	}
	return out, err
}

// Naming is the set in force as it could be asked for again, for a form that
// changes it; NotFound where there is none.
func (s *Service) Naming(ctx context.Context, who party.Actor, of id.ID) (Naming, error) {
	v, err := s.Of(ctx, who, of)
	if err != nil {
		return Naming{}, err
	}
	if v.Key == nil {
		return Naming{}, errUnnamed
	}
	out := Naming{Threshold: v.Key.Threshold}
	for _, h := range v.Key.Holders {
		var login string
		if err := s.db.NewSelect().TableExpr("account").Column("login").Where("id = ?", h.Account).Scan(ctx, &login); err != nil {
			return Naming{}, db.Translate(err)
		}
		out.Holders = append(out.Holders, Seat{Login: login, Duty: h.Duty})
	}
	return out, nil
}

// Current reads the set in force of a tender, for the siblings of procurement:
// what bids are sealed to, and who opens them. NotFound where no key was made,
// as for a record that was imported.
func Current(ctx context.Context, d bun.IDB, of id.ID) (Key, error) {
	t, err := tender.Read(ctx, d, of)
	if err != nil {
		return Key{}, err
	}
	k, err := current(ctx, d, t.ProjectID())
	if err != nil {
		return Key{}, err
	}
	if k == nil || k.State != Made {
		return Key{}, fault.New(fault.NotFound, "这个采购项目没有投标密钥")
	}
	return *k, nil
}

// Notice is what the public reads of a tender's key: holders by their posts,
// not their names.
type Notice struct {
	Recipient string   `json:"recipient" description:"投标公钥"`
	Threshold int      `json:"threshold" description:"几位持钥人到场才能开启"`
	Posts     []string `json:"holders" description:"持钥人的身份和单位"`
}

// Notice is the key of a published tender as the public reads it; nil before
// publication and where there is none.
func (s *Service) Notice(ctx context.Context, t tender.Tender) (*Notice, error) {
	if !t.Published() {
		return nil, nil
	}
	k, err := current(ctx, s.db, t.ProjectID())
	if err != nil || k == nil || k.State != Made {
		return nil, err
	}
	out := &Notice{Recipient: k.Recipient, Threshold: k.Threshold}
	for _, h := range k.Holders {
		out.Posts = append(out.Posts, h.Post())
	}
	return out, nil
}
