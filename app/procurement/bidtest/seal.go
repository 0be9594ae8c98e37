package bidtest

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/party/identity"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
)

// PDF is the smallest file that passes for one.
const PDF = "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

// Share is a holder and what they give at the opening; n counts from 0.
func (h *House) Share(t testing.TB, x tender.Tender, n int) (party.Actor, string) {
	t.Helper()
	return h.Holders(t)[n].Actor, h.Shares(t, x)[n]
}

// Give has the first n holders give their shares.
func (h *House) Give(t testing.TB, x tender.Tender, n int) {
	t.Helper()
	for i := range n {
		who, share := h.Share(t, x, i)
		if _, err := h.Openings.Give(t.Context(), who, x.ID, share); err != nil {
			t.Fatal(err)
		}
	}
}

// Source is a file of a bid, from memory.
func Source(name, content string) seal.Source {
	return seal.Source{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

// Offer is a complete bid before it is sealed.
func (h *House) Offer(t testing.TB, who party.Actor, x tender.Tender, price money.Fen) seal.Manifest {
	t.Helper()
	m := seal.Manifest{Tender: x.ID, Supplier: who.Org, Price: price, Delivery: "合同签订后 10 日内进场，服务一年"}
	for _, q := range bid.Questions(x) {
		m.Answers = append(m.Answers, seal.Answer{Criterion: q.Key, Name: q.Name, Text: who.OrgName + "对" + q.Name + "的回答"})
	}
	return m
}

// Sealed is a bid as it leaves the bidder's device, with one attachment.
func (h *House) Sealed(t testing.TB, who party.Actor, x tender.Tender, price money.Fen) []byte {
	t.Helper()
	return h.Pack(t, who, x, h.Offer(t, who, x, price), Source("服务方案.pdf", PDF+who.OrgName))
}

// Pack seals an offer to the tender's key.
func (h *House) Pack(t testing.TB, who party.Actor, x tender.Tender, m seal.Manifest, files ...seal.Source) []byte {
	t.Helper()
	form, err := h.Bids.Form(t.Context(), who, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := seal.Pack(&b, form, m, files, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Cipher is some small age file: what a draft looks like to the server.
func Cipher(t testing.TB, content string) []byte {
	t.Helper()
	to, _, err := identity.New(tendertest.Passphrase, identity.WeakFactor)
	if err != nil {
		t.Fatal(err)
	}
	b, err := seal.Own([]byte(content), []string{to})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Drafted is a bid with a saved draft that was never sent.
func (h *House) Drafted(t testing.TB, who party.Actor, x tender.Tender) bid.Bid {
	t.Helper()
	b, err := h.Bids.Begin(t.Context(), who, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Bids.SaveDraft(t.Context(), who, b.ID, 0, bytes.NewReader(Cipher(t, "草稿"))); err != nil {
		t.Fatal(err)
	}
	return b
}

// Sent begins a bid and sends these bytes.
func (h *House) Sent(t testing.TB, who party.Actor, x tender.Tender, sealed []byte) bid.Bid {
	t.Helper()
	b, err := h.Bids.Begin(t.Context(), who, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Bids.Submit(t.Context(), who, b.ID, bytes.NewReader(sealed), int64(len(sealed))); err != nil {
		t.Fatal(err)
	}
	if b, _, err = h.Bids.Get(t.Context(), who, b.ID); err != nil {
		t.Fatal(err)
	}
	return b
}

// Submitted is a bid that was sealed and sent.
func (h *House) Submitted(t testing.TB, who party.Actor, x tender.Tender, price money.Fen) bid.Bid {
	t.Helper()
	return h.Sent(t, who, x, h.Sealed(t, who, x, price))
}

// Opened is a published tender with n bidders, opened at its deadline by two
// holders and closed.
func (h *House) Opened(t testing.TB, n int, change map[string]string) (tender.Tender, []party.Actor) {
	t.Helper()
	x := h.Published(t, change)
	bidders := h.Bidders(t, x, n)
	h.Clock.Set(*x.Deadline)
	h.Open(t, x)
	return h.Again(t, x.ID), bidders
}

// Open has two holders give their shares and the officer open and close.
func (h *House) Open(t testing.TB, x tender.Tender) opening.Opening {
	t.Helper()
	h.Give(t, x, 2)
	o, err := h.Openings.Start(t.Context(), h.Officer, x.ID)
	if err == nil && o.State != opening.Closed {
		if err = h.Openings.Wait(t.Context(), x.ID); err == nil {
			o, err = h.Openings.Close(t.Context(), h.Officer, x.ID, "")
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}
