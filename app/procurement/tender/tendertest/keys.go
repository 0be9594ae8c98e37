package tendertest

import (
	"strings"
	"testing"

	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/app/procurement/tenderkey/holder"
)

// Passphrase opens every personal key that a test makes.
const Passphrase = "correct horse battery staple"

// Login is the login of an account that Actor made.
func Login(who party.Actor) string { return strings.ToLower("u" + string(who.Account)) }

// Holder gives somebody a personal key.
func (h *House) Holder(t testing.TB, who party.Actor) holder.Person {
	t.Helper()
	p := holder.Person{Actor: who, Passphrase: Passphrase}
	if err := p.MakeKey(t.Context(), h.Keys); err != nil {
		t.Fatal(err)
	}
	return p
}

// Holders are the three people who hold the key of this bureau's tenders: the
// officer, somebody of 监督, somebody of an agency.
func (h *House) Holders(t testing.TB) []holder.Person {
	t.Helper()
	if h.holders == nil {
		const agency = "诚信招标代理有限公司"
		h.holders = []holder.Person{
			h.Holder(t, h.Officer),
			h.Holder(t, h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Supervisor)),
			h.Holder(t, h.Actor(t, h.Org(t, party.Enterprise, agency), agency, party.Enterprise, party.Lead)),
		}
	}
	return h.holders
}

// Naming is 2 of the three Holders.
func (h *House) Naming(t testing.TB) tenderkey.Naming {
	t.Helper()
	in := tenderkey.Default()
	for i, p := range h.Holders(t) {
		in.Holders[i].Login = Login(p.Actor)
	}
	return in
}

// Keyed gives a draft its key: the holders are named, the ceremony is held,
// everybody rehearses.
func (h *House) Keyed(t testing.TB, x tender.Tender) {
	t.Helper()
	if _, err := h.TenderKeys.Name(t.Context(), h.Officer, x.ID, h.Naming(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.TenderKeys.Generate(t.Context(), h.Officer, x.ID); err != nil {
		t.Fatal(err)
	}
	for _, p := range h.Holders(t) {
		if err := p.Rehearse(t.Context(), h.TenderKeys, x.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// Shares are the texts that the Holders give at the opening of a tender, in
// the order of the Holders; two of them are enough.
func (h *House) Shares(t testing.TB, x tender.Tender) []string {
	t.Helper()
	var out []string
	for _, p := range h.Holders(t) {
		s, err := p.Share(t.Context(), h.TenderKeys, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}
