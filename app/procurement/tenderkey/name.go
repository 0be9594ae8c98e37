package tenderkey

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/tender"
)

// Name chooses the holders of a draft. Naming others than before voids what
// there was: the key, the parts and the rehearsals. Naming the same changes
// nothing.
func (s *Service) Name(ctx context.Context, who party.Actor, of id.ID, in Naming) (Key, error) {
	var out Key
	err := s.change(ctx, who, of, "name", func(ctx context.Context, tx bun.Tx, k *keys) error {
		next, err := s.set(ctx, tx, who, k, in)
		if err != nil {
			return err
		}
		if k.now != nil && same(*k.now, next) {
			out = *k.now
			return nil
		}
		if err := s.retire(ctx, tx, k, "改定持钥人"); err != nil {
			return err
		}
		next.State = Named
		if err := insert(ctx, tx, &next); err != nil {
			return err
		}
		out = next
		return s.record(ctx, tx, who, k, "命名持钥人", fmt.Sprintf("%s，共 %d 人，%d 人到场可开启", named(next.Holders), len(next.Holders), next.Threshold))
	})
	return out, err
}

// set checks a naming and makes the set of it, without its state.
func (s *Service) set(ctx context.Context, tx bun.Tx, who party.Actor, k *keys, in Naming) (Key, error) {
	var c fault.Check
	found, err := find(ctx, tx, &c, in.Holders)
	if err != nil {
		return Key{}, err
	}
	if err := judging(ctx, tx, k.Tender, found); err != nil {
		return Key{}, err
	}
	check(&c, k.Tender, in.Threshold, found)
	if err := c.Err(); err != nil {
		return Key{}, err
	}
	now := k.decided
	out := Key{ID: id.New(now), Tender: k.Tender.ID, Threshold: in.Threshold, NamedBy: who.Account, NamedAt: now}
	for i, x := range found {
		h := Holder{ID: id.New(now), Key: out.ID, Place: i + 1, Account: x.account, Name: x.name, Duty: x.Duty}
		if p, ok := x.at(k.Buyer); ok {
			h.Organisation, h.OrgName = &p.org, p.name
		}
		out.Holders = append(out.Holders, h)
	}
	return out, nil
}

func same(a, b Key) bool {
	if a.Threshold != b.Threshold || len(a.Holders) != len(b.Holders) {
		return false
	}
	for _, h := range b.Holders {
		had := a.Holder(h.Account)
		if had == nil || had.Duty != h.Duty {
			return false
		}
	}
	return true
}

// retire ends the set in force, if there is one, and deletes its parts.
func (s *Service) retire(ctx context.Context, tx bun.Tx, k *keys, reason string) error {
	if k.now == nil {
		return nil
	}
	k.now.State, k.now.Reason, k.now.RetiredAt = Retired, reason, &k.decided
	return forget(ctx, tx, k.now)
}

// Gate complains of a tender whose key is not ready: the check of a draft and
// its publication ask it (tender.Service.Demand). The field is "keys".
func Gate(ctx context.Context, d bun.IDB, t tender.Tender, _ time.Time, c *fault.Check) error {
	k, err := current(ctx, d, t.ProjectID())
	switch {
	case err != nil:
		return err
	case k == nil:
		c.Fail("keys", "请确定持钥人：投标文件加密给他们共同保管的密钥，开标前谁也看不到")
	case k.State == Named:
		c.Fail("keys", "请在持钥人都有个人密钥后生成投标密钥")
	case k.Stale():
		c.Fail("keys", "有持钥人换了新的个人密钥，请重新生成投标密钥")
	case !k.Ready():
		c.Fail("keys", "还有 %d 位持钥人没有演练：每位都证明打得开，才能发布", len(k.Holders)-k.Rehearsed())
	}
	return nil
}
