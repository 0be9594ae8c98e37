package tenderkey_test

import (
	"strings"
	"testing"

	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/app/procurement/tenderkey"
	"gongji/app/procurement/tenderkey/holder"
)

// leaving is a published tender whose third holder leaves; next are the first,
// the second with a new personal key, and somebody new.
func leaving(t *testing.T, h *tendertest.House) (x tender.Tender, next []holder.Person, in tenderkey.HandoverInput) {
	t.Helper()
	x = h.Draft(t, nil)
	h.Keyed(t, x)
	if _, err := h.Tenders.Submit(t.Context(), h.Officer, x.ID); err != nil {
		t.Fatal(err)
	}
	x, err := h.Tenders.Publish(t.Context(), h.Approver, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	people := h.Holders(t)
	if err := people[1].MakeKey(t.Context(), h.Keys); err != nil {
		t.Fatal(err)
	}
	fresh := h.Holder(t, h.Actor(t, h.Org(t, party.Bureau, "青山区财政局"), "青山区财政局", party.Bureau, party.Supervisor))
	next = []holder.Person{people[0], people[1], fresh}
	in = tenderkey.HandoverInput{Naming: h.Naming(t), Reason: "代理机构的人员调离"}
	in.Holders[2] = tenderkey.Seat{Login: tendertest.Login(fresh.Actor), Duty: tenderkey.Supervisor}
	return x, next, in
}

func TestHandover(t *testing.T) {
	each(t, func(t *testing.T, h *tendertest.House) {
		ctx, keys := t.Context(), h.TenderKeys
		x, next, in := leaving(t, h)
		before, err := tenderkey.Current(ctx, h.DB, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		old := h.Shares(t, x)[:1:1]
		if _, err := keys.HandOver(ctx, h.Officer, x.ID, in); err != nil {
			t.Fatal(err)
		}
		_, err = keys.HandOver(ctx, h.Officer, x.ID, in)
		want(t, err, fault.Conflict, "正在进行")
		people := h.Holders(t)
		want(t, next[2].Deal(ctx, keys, x.ID), fault.Invalid, "")
		// The holder who leaves still helps.
		for _, p := range []holder.Person{people[2], people[0]} {
			if err := p.Deal(ctx, keys, x.ID); err != nil {
				t.Fatal(err)
			}
		}
		for i, p := range next {
			if k, _ := tenderkey.Current(ctx, h.DB, x.ID); k.Generation != 1 {
				t.Errorf("with %d of %d new parts the old set is out already", i, len(next))
			}
			if err := p.Combine(ctx, keys, x.ID); err != nil {
				t.Fatal(err)
			}
		}
		after, err := tenderkey.Current(ctx, h.DB, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if after.Recipient != before.Recipient || after.Generation != 2 || !after.Ready() {
			t.Errorf("after the handover: %+v", after)
		}
		var shares []string
		for _, p := range next[1:] {
			s, err := p.Share(ctx, keys, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			shares = append(shares, s)
		}
		opened(t, h, x, shares)
		sealed, err := after.Sealed()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sealed.Check(old[0]); err == nil {
			t.Error("an old part is still taken")
		}
		if _, err := keys.Mine(ctx, people[2].Actor, x.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("who left still sees a part: %v", err)
		}
		gone(t, h, x)
	})
}

// gone checks that nothing of an earlier set can be opened any more.
func gone(t *testing.T, h *tendertest.House, x tender.Tender) {
	t.Helper()
	n, err := h.DB.NewSelect().TableExpr("key_holder AS h").Join("JOIN tender_key AS k ON k.id = h.tender_key").
		Where("k.tender = ? AND k.state = ? AND h.share_file <> ''", x.ID, tenderkey.Retired).Count(t.Context())
	if err != nil || n > 0 {
		t.Errorf("%d old parts are left (%v)", n, err)
	}
	n, err = h.DB.NewSelect().TableExpr("key_subshare AS s").Join("JOIN tender_key AS k ON k.id = s.tender_key").
		Where("k.tender = ? AND s.files <> '[]'", x.ID).Count(t.Context())
	if err != nil || n > 0 {
		t.Errorf("%d dealings are left (%v)", n, err)
	}
}

func TestHandoverRefuses(t *testing.T) {
	each(t, func(t *testing.T, h *tendertest.House) {
		ctx, keys := t.Context(), h.TenderKeys
		x, _, in := leaving(t, h)
		people := h.Holders(t)
		silent := in
		silent.Reason = " "
		_, err := keys.HandOver(ctx, h.Officer, x.ID, silent)
		want(t, err, fault.Invalid, "写明换人的原因")
		if _, err := keys.HandOver(ctx, h.Approver, x.ID, in); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the approver hands over: %v", err)
		}
		_, err = keys.Deal(ctx, people[0].Actor, x.ID, seal.Contribution{})
		want(t, err, fault.Conflict, "没有正在进行的移交")
		k, err := keys.HandOver(ctx, h.Officer, x.ID, in)
		if err != nil {
			t.Fatal(err)
		}
		_, err = keys.Combine(ctx, people[0].Actor, x.ID, seal.SealedShare{})
		want(t, err, fault.Conflict, "还要等 2 位")

		// The second holder's part is not the first's to deal, and what is not
		// encrypted is not kept.
		now, err := tenderkey.Current(ctx, h.DB, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		var others []seal.Holder
		for _, p := range k.Holders {
			others = append(others, seal.Holder{Account: p.Account, Recipient: p.Recipient})
		}
		share, err := now.Public().Check(h.Shares(t, x)[0])
		if err != nil {
			t.Fatal(err)
		}
		c, err := now.Public().Subshares(share, k.Threshold, others)
		if err != nil {
			t.Fatal(err)
		}
		_, err = keys.Deal(ctx, people[2].Actor, x.ID, c)
		want(t, err, fault.Invalid, "不符")
		bare := c
		bare.Files = [][]byte{[]byte("1"), []byte("2"), []byte("3")}
		_, err = keys.Deal(ctx, people[0].Actor, x.ID, bare)
		want(t, err, fault.Invalid, "没有加密")

		if _, err := keys.Deal(ctx, people[0].Actor, x.ID, c); err != nil {
			t.Fatal(err)
		}
		_, err = keys.Deal(ctx, people[0].Actor, x.ID, c)
		want(t, err, fault.Conflict, "已经移交过")
		if _, err := keys.CancelHandover(ctx, h.Officer, x.ID, "人员回来了"); err != nil {
			t.Fatal(err)
		}
		gone(t, h, x)
		opened(t, h, x, h.Shares(t, x)[:2])
	})
}

// Both old holders deal at once, all three new ones finish at once: one set is
// in force afterwards, and it opens.
func TestHandoverAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *tendertest.House) {
		ctx, keys := t.Context(), h.TenderKeys
		x, next, in := leaving(t, h)
		if _, err := keys.HandOver(ctx, h.Officer, x.ID, in); err != nil {
			t.Fatal(err)
		}
		people := h.Holders(t)
		if n := refused(t, together(3, func(i int) error { return people[i].Deal(ctx, keys, x.ID) }), fault.Conflict); n != 1 {
			t.Fatalf("%d of three dealings were too many, want 1", n)
		}
		for _, err := range together(3, func(i int) error { return next[i].Combine(ctx, keys, x.ID) }) {
			if err != nil {
				t.Error(err)
			}
		}
		k, err := tenderkey.Current(ctx, h.DB, x.ID)
		if err != nil || k.Generation != 2 || !k.Ready() {
			t.Fatalf("%+v %v", k, err)
		}
		events, err := h.Tenders.Timeline(ctx, party.Actor{}, x.ID)
		if err != nil || !strings.Contains(events[len(events)-1].Note, "移交完成") {
			t.Errorf("the public does not read of it: %+v %v", events, err)
		}
	})
}
