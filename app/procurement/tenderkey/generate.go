package tenderkey

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/procurement/seal"
)

// Generate holds the ceremony: it makes the key of a draft in memory, gives
// each holder their part and forgets it. Every holder needs a personal key.
// A key that exists is not made twice (Conflict), unless a holder has changed
// to a new personal key since; then all rehearse again.
func (s *Service) Generate(ctx context.Context, who party.Actor, of id.ID) (Key, error) {
	var out Key
	err := s.change(ctx, who, of, "generate", func(ctx context.Context, tx bun.Tx, k *keys) error {
		switch {
		case k.now == nil:
			return errUnnamed
		case k.now.State == Made && !k.now.Stale():
			return fault.New(fault.Conflict, "投标密钥已经生成，不用再次生成")
		}
		if err := ready(ctx, tx, k.now); err != nil {
			return err
		}
		made, err := seal.Generate(k.Tender.ID, k.now.Threshold, k.now.recipients())
		if err != nil {
			return err
		}
		if err := s.keep(ctx, tx, k, made); err != nil {
			return err
		}
		out = *k.now
		return s.record(ctx, tx, who, k, "生成密钥", fmt.Sprintf("%d 份，%d 份可开启；公钥 %s", len(out.Holders), out.Threshold, out.Recipient))
	})
	return out, err
}

// keep writes what the ceremony left: ciphertext and public values.
func (s *Service) keep(ctx context.Context, tx bun.Tx, k *keys, made seal.Key) error {
	x := k.now
	x.State, x.MadeAt = Made, &k.decided
	x.Recipient, x.Commitment, x.Generation = made.Recipient, made.Commitment, made.Generation
	x.Wrapped = base64.StdEncoding.EncodeToString(made.Wrapped)
	if err := saveKey(ctx, tx, x); err != nil {
		return err
	}
	for i := range x.Holders {
		h := &x.Holders[i]
		h.ShareFile = base64.StdEncoding.EncodeToString(made.Shares[i].File)
		h.WordSHA256, h.RehearsedAt = made.Shares[i].WordHash, nil
		if err := saveHolder(ctx, tx, h); err != nil {
			return err
		}
	}
	return nil
}
