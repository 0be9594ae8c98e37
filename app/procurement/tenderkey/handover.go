package tenderkey

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/keyring"
	"gongji/app/procurement/seal"
	"gongji/storage/db"
)

// Handover is a key on its way from one set of holders to the next. The old
// parts stay in force until every new holder has proved that they can open.
type Handover struct {
	Reason    string    `json:"reason"`
	StartedAt time.Time `json:"started_at"`
	// Needed is how many of the present holders must split their part; Dealt
	// how many have.
	Needed int `json:"needed"`
	Dealt  int `json:"dealt"`
	// To are the next holders; Dealers says who of the present ones has split.
	To      []Holder `json:"to"`
	Dealers []id.ID  `json:"dealers"`
	// Deal tells the actor to split their part now, for Next's holders;
	// Combine, to put together what the others split for them.
	Deal    bool `json:"deal"`
	Combine bool `json:"combine"`
	// Now and Next are both keys as the cryptography of the browser needs them.
	Now  seal.Key `json:"now"`
	Next seal.Key `json:"next"`
	// Contributions are what was split, for a next holder, once there is
	// enough; PersonalFile is the personal key that opens what is theirs.
	Contributions []seal.Contribution `json:"contributions,omitempty"`
	PersonalFile  string              `json:"personal_file,omitempty"`
}

// HandoverInput asks for the next holders of a published tender.
type HandoverInput struct {
	Naming
	Reason string `json:"reason" description:"必填，公开：为什么换人"`
}

// HandOver names the next holders of a published tender. Each of them needs a
// personal key first: the parts are split for it.
func (s *Service) HandOver(ctx context.Context, who party.Actor, of id.ID, in HandoverInput) (Key, error) {
	var out Key
	err := s.change(ctx, who, of, "handover", func(ctx context.Context, tx bun.Tx, k *keys) error {
		switch {
		case k.now == nil || k.now.State != Made:
			return errUnnamed
		case k.next != nil:
			return fault.New(fault.Conflict, "已有一次移交正在进行，请等它完成，或先取消")
		}
		var c fault.Check
		reason := strings.TrimSpace(in.Reason)
		c.Must(reason != "" && len([]rune(reason)) <= 500, "reason", "请写明换人的原因，不超过 500 个字，原因将公开")
		next, err := s.set(ctx, tx, who, k, in.Naming)
		if err != nil && !fault.Is(err, fault.Invalid) {
			return err
		}
		c.Adopt("holders", err)
		if err := c.Err(); err != nil {
			return err
		}
		if err := ready(ctx, tx, &next); err != nil {
			return err
		}
		next.State, next.Recipient, next.Generation, next.Reason = Incoming, k.now.Recipient, k.now.Generation+1, reason
		if err := insert(ctx, tx, &next); err != nil {
			return err
		}
		out = next
		return s.record(ctx, tx, who, k, "移交密钥", fmt.Sprintf("开始移交给%s，%d 人到场可开启。原因：%s", named(next.Holders), next.Threshold, reason))
	})
	return out, err
}

// ready gives every holder of a new set their current personal key, or says
// who has none.
func ready(ctx context.Context, tx bun.Tx, k *Key) error {
	var accounts []id.ID
	for _, h := range k.Holders {
		accounts = append(accounts, h.Account)
	}
	personal, err := keyring.Of(ctx, tx, accounts...)
	if err != nil {
		return err
	}
	var without []string
	for i := range k.Holders {
		h := &k.Holders[i]
		p, ok := personal[h.Account]
		if !ok {
			without = append(without, h.Name)
			continue
		}
		h.PersonalKey, h.Recipient, h.Ready, h.Stale = &p.ID, p.Recipient, true, false
	}
	if len(without) > 0 {
		return fault.New(fault.Conflict, "%s还没有个人密钥，请本人登录后到“我的密钥”页生成", strings.Join(without, "、"))
	}
	return nil
}

// CancelHandover ends a handover that is not complete; the present holders
// keep the key.
func (s *Service) CancelHandover(ctx context.Context, who party.Actor, of id.ID, reason string) (Key, error) {
	var out Key
	err := s.change(ctx, who, of, "handover", func(ctx context.Context, tx bun.Tx, k *keys) error {
		if k.next == nil {
			return errNoHandover
		}
		var c fault.Check
		reason = strings.TrimSpace(reason)
		c.Must(reason != "" && len([]rune(reason)) <= 500, "reason", "请写明取消移交的原因，不超过 500 个字")
		if err := c.Err(); err != nil {
			return err
		}
		if err := s.over(ctx, tx, k.next, k.decided); err != nil {
			return err
		}
		out = *k.now
		return s.record(ctx, tx, who, k, "取消移交", "原持钥人继续持钥。原因："+reason)
	})
	return out, err
}

// over retires a set and deletes its parts and what was split for it.
func (s *Service) over(ctx context.Context, tx bun.Tx, k *Key, at time.Time) error {
	k.State, k.RetiredAt = Retired, &at
	if err := unsplit(ctx, tx, k.ID); err != nil {
		return err
	}
	return forget(ctx, tx, k)
}

// unsplit deletes what was split for a set.
func unsplit(ctx context.Context, tx bun.Tx, next id.ID) error {
	_, err := tx.NewUpdate().Model((*Subshare)(nil)).Set("files = '[]'").Where("tender_key = ?", next).Exec(ctx)
	return db.Translate(err)
}

// Deal keeps what a present holder's browser made of their part: one age file
// for each next holder. The commitment must be of that holder's own part: who
// deals something else is found out here. c.From is not read; it is the actor's
// place.
func (s *Service) Deal(ctx context.Context, who party.Actor, of id.ID, c seal.Contribution) (Key, error) {
	var out Key
	err := s.change(ctx, who, of, "deal", func(ctx context.Context, tx bun.Tx, k *keys) error {
		if k.next == nil {
			return errNoHandover
		}
		h := k.now.Holder(who.Account)
		dealt, err := subshares(ctx, tx, k.next.ID)
		switch {
		case err != nil:
			return err
		case dealtBy(dealt, h.ID):
			return fault.New(fault.Conflict, "您已经移交过自己的一份")
		case len(dealt) >= k.now.Threshold:
			return fault.New(fault.Conflict, "参加移交的人数已经够了，您不用再移交")
		}
		c.From = h.Place
		if err := k.now.Public().CheckContribution(c, k.next.Threshold, k.next.recipients()); err != nil {
			return err
		}
		row := Subshare{ID: id.New(k.decided), Key: k.next.ID, Dealer: h.ID, Place: h.Place, Commitment: c.Commitment, Files: c.Files, CreatedAt: k.decided}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		dealt = append(dealt, row)
		if err := k.enough(ctx, tx, dealt); err != nil {
			return err
		}
		out = *k.next
		return s.record(ctx, tx, who, k, "移交密钥", fmt.Sprintf("%s已移交，%d/%d", h.Post(), len(dealt), k.now.Threshold))
	})
	return out, err
}

// enough gives the next set its key as soon as it can be known.
func (k *keys) enough(ctx context.Context, tx bun.Tx, dealt []Subshare) error {
	if len(dealt) < k.now.Threshold {
		return nil
	}
	now, err := k.now.Sealed()
	if err != nil {
		return err
	}
	made, err := now.Next(contributions(dealt), k.next.Threshold, k.next.recipients())
	if err != nil {
		return err
	}
	k.next.Commitment, k.next.Wrapped = made.Commitment, base64.StdEncoding.EncodeToString(made.Wrapped)
	return saveKey(ctx, tx, k.next)
}

func contributions(dealt []Subshare) []seal.Contribution {
	var out []seal.Contribution
	for _, d := range dealt {
		out = append(out, seal.Contribution{From: d.Place, Commitment: d.Commitment, Files: d.Files})
	}
	return out
}

// Combine keeps a next holder's own part, put together and locked to their
// personal key in their browser; Rehearse, with its word, follows. When all
// have, the next set is in force.
func (s *Service) Combine(ctx context.Context, who party.Actor, of id.ID, share seal.SealedShare) (Key, error) {
	var out Key
	err := s.change(ctx, who, of, "combine", func(ctx context.Context, tx bun.Tx, k *keys) error {
		if k.next == nil {
			return errNoHandover
		}
		dealt, err := subshares(ctx, tx, k.next.ID)
		if err != nil {
			return err
		}
		if len(dealt) < k.now.Threshold {
			return fault.New(fault.Conflict, "还要等 %d 位原持钥人移交", k.now.Threshold-len(dealt))
		}
		var c fault.Check
		c.Must(locked(share.File), "file", "密钥份没有加密，平台拒绝接收；请刷新页面后重做")
		c.Must(hash.MatchString(share.WordHash), "word_hash", "口令词的 SHA-256 应是 64 个十六进制字符")
		if err := c.Err(); err != nil {
			return err
		}
		h := k.next.Holder(who.Account)
		h.ShareFile, h.WordSHA256, h.RehearsedAt = base64.StdEncoding.EncodeToString(share.File), share.WordHash, nil
		out = *k.next
		return saveHolder(ctx, tx, h)
	})
	return out, err
}

// locked reports whether a part is an age file to a personal key.
func locked(file []byte) bool {
	return len(file) <= 8<<10 && bytes.HasPrefix(file, []byte("age-encryption.org/v1\n-> X25519 "))
}

var (
	hash          = regexp.MustCompile(`^[0-9a-f]{64}$`)
	errNoHandover = fault.New(fault.Conflict, "现在没有正在进行的移交")
)

// settle puts the next set in force once all of it have rehearsed, and deletes
// the old parts.
func (s *Service) settle(ctx context.Context, tx bun.Tx, who party.Actor, k *keys, next *Key) error {
	if next.Rehearsed() < len(next.Holders) {
		return nil
	}
	k.now.Reason = next.Reason
	if err := s.over(ctx, tx, k.now, k.decided); err != nil {
		return err
	}
	next.State, next.MadeAt = Made, &k.decided
	if err := saveKey(ctx, tx, next); err != nil {
		return err
	}
	if err := unsplit(ctx, tx, next.ID); err != nil {
		return err
	}
	k.decided = k.decided.Add(time.Microsecond) // the trail reads after the last rehearsal
	return s.record(ctx, tx, who, k, "移交密钥", fmt.Sprintf("移交完成，现由%s持钥，原来的密钥份已删除。原因：%s", named(next.Holders), next.Reason))
}

// handover is what the actor sees of a handover.
func (s *Service) handover(ctx context.Context, d bun.IDB, who party.Actor, k keys) (*Handover, error) {
	dealt, err := subshares(ctx, d, k.next.ID)
	if err != nil {
		return nil, err
	}
	out := &Handover{Reason: k.next.Reason, StartedAt: k.next.NamedAt, Needed: k.now.Threshold, Dealt: len(dealt),
		To: k.next.Holders, Dealers: []id.ID{}, Now: k.now.Public(), Next: k.next.Public()}
	for _, x := range dealt {
		for _, h := range k.now.Holders {
			if h.ID == x.Dealer {
				out.Dealers = append(out.Dealers, h.Account)
			}
		}
	}
	if h := k.now.Holder(who.Account); h != nil {
		out.Deal = len(dealt) < k.now.Threshold && !dealtBy(dealt, h.ID)
	}
	if h := k.next.Holder(who.Account); h != nil && len(dealt) >= k.now.Threshold {
		out.Combine = h.RehearsedAt == nil
		out.Contributions = contributions(dealt)
		owned, err := keyring.Owners(ctx, d, *h.PersonalKey)
		if err != nil {
			return nil, err
		}
		out.PersonalFile = owned[*h.PersonalKey].File
	}
	return out, nil
}

func subshares(ctx context.Context, d bun.IDB, next id.ID) ([]Subshare, error) {
	var out []Subshare
	err := d.NewSelect().Model(&out).Where("tender_key = ?", next).Order("place").Scan(ctx)
	return out, db.Translate(err)
}

func dealtBy(dealt []Subshare, dealer id.ID) bool {
	return slices.ContainsFunc(dealt, func(x Subshare) bool { return x.Dealer == dealer })
}
