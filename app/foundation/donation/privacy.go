package donation

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Withheld stands where the donor's name would, for those of the foundation's
// staff from whom the donor hides it.
const Withheld = "保密"

// Knows is the one function that says whether an actor who may see a donation
// may also know who gave it: everybody, unless the donor hides from the
// foundation's staff; then the donor, and those who make and review receipts.
func Knows(p *policy.Policy, who party.Actor, d Donation) bool {
	return !d.Confidential || p.Any(Relations(who, d), object(d), "identify")
}

// KnowsAll reports whether an actor is one of the foundation's people to whom
// no donor is hidden, for lists that are read in one statement.
func KnowsAll(p *policy.Policy, who party.Actor, foundation id.ID) bool {
	return Knows(p, who, Donation{Foundation: foundation, State: Confirmed, Confidential: true})
}

// Seen is a donation as the actor may see it: without the donor, and without
// what tells of the donor, where Knows says no.
func Seen(p *policy.Policy, who party.Actor, d Donation) Donation {
	if Knows(p, who, d) {
		return d
	}
	for _, said := range []*string{&d.Purpose, &d.Note, &d.Reason, &d.RefundReason, &d.AppraisalNote} {
		*said = d.scrub(*said) // people write names where none belong
	}
	d.DonorName, d.DonorKind = Withheld, Unknown
	d.DonorAccount, d.DonorOrg, d.DonorUSCC = nil, nil, nil
	d.Withheld = true
	d.RelationNote = ""
	return d
}

// scrub takes the donor's name out of what somebody wrote.
func (d Donation) scrub(said string) string {
	if d.DonorName == "" {
		return said
	}
	return strings.ReplaceAll(said, d.DonorName, Withheld)
}

// told is what somebody wrote as a letter to the staff may say it.
func (d Donation) told(said string) string {
	if d.Confidential {
		return d.scrub(said)
	}
	return said
}

// seen is Seen for this service's own answers.
func (s *Service) seen(who party.Actor, d Donation) Donation { return Seen(s.policy, who, d) }

// Privacy are the two switches of a donation.
type Privacy struct {
	Hidden       bool `json:"hidden" description:"true：公开页面显示“匿名”"`
	Confidential bool `json:"confidential" description:"true：除收据经办人（财务、复核人）外，基金会的工作人员也看不到捐赠人；公开页面同时显示“匿名”"`
}

// Hide sets the donor's two switches, at any time, also after the money came:
// consent to be named may be taken back (慈善法82). Who is hidden from the staff
// is hidden from the public too.
func (s *Service) Hide(ctx context.Context, who party.Actor, donation id.ID, in Privacy) (Donation, error) {
	var d Donation
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		if d, err = ForUpdate(ctx, tx, donation); err != nil {
			return err
		}
		if err := s.policy.Require(Relations(who, d), object(d), "hide"); err != nil {
			return err
		}
		if d.DonorKind == Unknown {
			return fault.New(fault.Conflict, "这笔捐赠没有留名，没有可以隐藏的信息")
		}
		if in.Confidential {
			in.Hidden = true
		}
		if d.Hidden == in.Hidden && d.Confidential == in.Confidential {
			return nil
		}
		d.Hidden, d.Confidential = in.Hidden, in.Confidential
		if err := db.One(tx.NewUpdate().Model(&d).Column("hidden", "confidential").Where("id = ?", d.ID).Exec(ctx)); err != nil {
			return err
		}
		return record(ctx, tx, who, s.clock.Now(), d, "更改隐私设置", d.privacy(), rules.CharityPrivacy)
	})
	return s.seen(who, d), err
}

// privacy words the two switches.
func (d Donation) privacy() string {
	switch {
	case d.Confidential:
		return "对公众匿名；对基金会工作人员保密，收据经办人除外"
	case d.Hidden:
		return "对公众匿名"
	}
	return "公开部分名称"
}

// PrivacyName is how the donor is shown, in words.
func (d Donation) PrivacyName() string { return d.privacy() }

// cover takes from a timeline what names a donor who is hidden from its reader.
func (s *Service) cover(who party.Actor, d Donation, events []trail.Event) []trail.Event {
	if Knows(s.policy, who, d) {
		return events
	}
	out := slices.Clone(events)
	for i, e := range out {
		out[i].Note = d.scrub(e.Note)
		if d.ofDonor(e) {
			out[i].Account, out[i].Organisation, out[i].OrgName, out[i].Role = "", "", "捐赠人（保密）", ""
		}
	}
	return out
}

func (d Donation) ofDonor(e trail.Event) bool {
	return d.DonorAccount != nil && e.Account == *d.DonorAccount && e.Organisation != d.Foundation ||
		d.DonorOrg != nil && e.Organisation == *d.DonorOrg
}

// MayProofs guards what is attached to a donation: an invoice names its
// donor, so that who may not know the donor may not read it either.
func (s *Service) MayProofs(ctx context.Context, who party.Actor, donation id.ID, action string) error {
	d, err := Read(ctx, s.db, donation)
	if err != nil {
		return err
	}
	if err := s.policy.Require(Relations(who, d), object(d), action); err != nil {
		return err
	}
	if !Knows(s.policy, who, d) {
		return fault.New(fault.Forbidden, "捐赠人要求对工作人员保密，凭证只有收据经办人（财务、复核人）可以查看").
			Under(rules.At(s.clock.Now()).Must(rules.CharityPrivacy).Source())
	}
	return nil
}
