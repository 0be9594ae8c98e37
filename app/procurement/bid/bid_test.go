package bid_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
	"gongji/storage/object"
)

// TestTheDeadlineIsTheFirstMomentTooLate: 87号令 asks for bids before the
// deadline, so the deadline's own millisecond is late.
func TestTheDeadlineIsTheFirstMomentTooLate(t *testing.T) {
	for name, c := range map[string]struct {
		off  time.Duration
		late bool
	}{"1 ms before": {-time.Millisecond, false}, "at the deadline": {0, true}, "1 ms after": {time.Millisecond, true}} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *bun.DB) {
				h, ctx := bidtest.New(t, d), t.Context()
				x := h.Published(t, nil)
				who := h.Supplier(t, "晨光社会工作服务中心")
				b := h.Drafted(t, who, x)
				sealed := h.Sealed(t, who, x, 700_000*money.Yuan)
				sent := h.Submitted(t, h.Supplier(t, "同心社会工作服务中心"), x, 650_000*money.Yuan)
				other := party.Actor{Account: who.Account, Org: sent.Supplier, OrgKind: party.Social, Role: party.Lead}
				h.Clock.Set(x.Deadline.Add(c.off))
				_, saved := h.Bids.SaveDraft(ctx, who, b.ID, 0, bytes.NewReader(bidtest.Cipher(t, "改")))
				_, submitted := h.Bids.Submit(ctx, who, b.ID, bytes.NewReader(sealed), -1)
				withdrawn := h.Bids.Withdraw(ctx, other, sent.ID, "")
				_, attached := h.Files.Add(ctx, who, bid.ObjectKind, b.ID, "", "补充.pdf", bytes.NewReader(bidtest.Cipher(t, "附件")))
				_, begun := h.Bids.Begin(ctx, h.Supplier(t, "来迟社会工作服务中心"), x.ID)
				for what, err := range map[string]error{"save": saved, "submit": submitted, "withdraw": withdrawn, "attach": attached, "begin": begun} {
					if fault.Is(err, fault.TooLate) != c.late || (err == nil) == c.late {
						t.Errorf("%s: %v", what, err)
					}
				}
				if versions, err := h.Bids.Versions(ctx, who, b.ID); err != nil || c.late != (len(versions) == 0) {
					t.Errorf("%d versions, %v", len(versions), err)
				}
			})
		})
	}
}

// TestAnUploadThatEndsTooLateIsLate: it began in time; the deadline passed
// while its bytes were on the way. Nothing of it stays.
func TestAnUploadThatEndsTooLateIsLate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		b, sealed := h.Drafted(t, who, x), h.Sealed(t, who, x, 700_000*money.Yuan)
		h.Clock.Set(x.Deadline.Add(-time.Second))
		half := len(sealed) / 2
		slow := io.MultiReader(bytes.NewReader(sealed[:half]), once(func() { h.Clock.Advance(2 * time.Second) }), bytes.NewReader(sealed[half:]))
		if _, err := h.Bids.Submit(ctx, who, b.ID, slow, int64(len(sealed))); !fault.Is(err, fault.TooLate) {
			t.Errorf("an upload that ended after the deadline: %v", err)
		}
		if n := h.Objects(t); n != 0 {
			t.Errorf("%d objects stay of what was late", n)
		}
		if n, err := d.NewSelect().Table("staged_object").Count(ctx); err != nil || n != 0 {
			t.Errorf("%d rows wait for nothing, %v", n, err)
		}
	})
}

// once is an empty reader that does something when it is read.
func once(do func()) io.Reader {
	return readerFunc(func([]byte) (int, error) {
		do()
		return 0, io.EOF
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestTheSameFileTwiceIsOneVersion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		b, sealed := h.Drafted(t, who, x), h.Sealed(t, who, x, 700_000*money.Yuan)
		var got [2]bid.Version
		var errs [2]error
		var wg sync.WaitGroup
		for i := range 2 {
			wg.Go(func() { got[i], errs[i] = h.Bids.Submit(ctx, who, b.ID, bytes.NewReader(sealed), -1) })
		}
		wg.Wait()
		if err := errors.Join(errs[0], errs[1]); err != nil {
			t.Fatal(err)
		}
		if got[0].ID != got[1].ID || got[0].Receipt != got[1].Receipt || got[0].Number != 1 {
			t.Errorf("two submits: %+v and %+v", got[0], got[1])
		}
		docs, err := h.Archive.Of(ctx, d, bid.ObjectKind, b.ID)
		if err != nil || len(docs) != 1 {
			t.Errorf("%d receipts, %v", len(docs), err)
		}
		if n := h.Objects(t); n != 1 {
			t.Errorf("%d objects of one version", n)
		}
	})
}

// TestWhatIsNotSealedIsRefused: and the refusal says how to mend it.
func TestWhatIsNotSealedIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		b := h.Drafted(t, who, x)
		for what, body := range map[string][]byte{
			"nothing": nil, "a PDF": []byte(bidtest.PDF), "JSON": []byte(`{"price":1}`), "not padded": bidtest.Cipher(t, "短"),
			"a cut header": []byte("age-encryption.org/v1\n-> X25519 abc"),
		} {
			_, err := h.Bids.Submit(ctx, who, b.ID, bytes.NewReader(body), int64(len(body)))
			if names(err) != "file" {
				t.Errorf("%s: %v", what, err)
			}
			if what == "not padded" {
				continue // a draft and an attachment may be of any size
			}
			if _, err := h.Bids.SaveDraft(ctx, who, b.ID, 0, bytes.NewReader(body)); names(err) != "draft" {
				t.Errorf("%s as a draft: %v", what, err)
			}
			if _, err := h.Files.Add(ctx, who, bid.ObjectKind, b.ID, "", "报价.pdf", bytes.NewReader(body)); names(err) != "file" {
				t.Errorf("%s as an attachment: %v", what, err)
			}
		}
		large := append(bidtest.Cipher(t, ""), make([]byte, bid.MaxDraft)...)
		if _, err := h.Bids.SaveDraft(ctx, who, b.ID, 0, bytes.NewReader(large)); !fault.Is(err, fault.TooLarge) {
			t.Errorf("a draft of more than a megabyte: %v", err)
		}
		if _, err := h.Bids.Submit(ctx, who, b.ID, bytes.NewReader(large), bid.DefaultLimit+1); !fault.Is(err, fault.TooLarge) {
			t.Errorf("a bid over the limit: %v", err)
		}
		if n := h.Objects(t); n != 0 {
			t.Errorf("%d objects stay of what was refused", n)
		}
		a, err := h.Files.Add(ctx, who, bid.ObjectKind, b.ID, "", "底价测算.pdf", bytes.NewReader(bidtest.Cipher(t, "附件")))
		if err != nil || strings.Contains(a.Name, "底价") {
			t.Errorf("the attachment is kept as %q, %v", a.Name, err)
		}
	})
}

// TestADraftIsTheBiddersAlone: what was saved comes back byte for byte, a
// colleague's later save is not overwritten unseen, and nobody else has it.
func TestADraftIsTheBiddersAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		b, err := h.Bids.Begin(ctx, who, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Bids.Draft(ctx, who, b.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a draft before the first: %v", err)
		}
		first, second := bidtest.Cipher(t, "一"), bidtest.Cipher(t, "二")
		one, err := h.Bids.SaveDraft(ctx, who, b.ID, 0, bytes.NewReader(first))
		if err != nil {
			t.Fatal(err)
		}
		if two, err := h.Bids.SaveDraft(ctx, who, b.ID, one.Revision, bytes.NewReader(second)); err != nil || two.Revision != 2 {
			t.Fatal(two.Revision, err)
		}
		if _, err := h.Bids.SaveDraft(ctx, who, b.ID, one.Revision, bytes.NewReader(first)); !fault.Is(err, fault.Conflict) {
			t.Errorf("a colleague's save was overwritten: %v", err)
		}
		got, err := h.Bids.Draft(ctx, who, b.ID)
		if err != nil || !bytes.Equal(got.Body, second) || got.Revision != 2 {
			t.Errorf("the draft is %d bytes, revision %d, %v", len(got.Body), got.Revision, err)
		}
		if _, err := h.Bids.Draft(ctx, h.Officer, b.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the buyer asked for the draft: %v", err)
		}
	})
}

// TestSweepTakesOnlyWhatIsNobodys: the store has an object whose transaction
// never happened, as after a kill, and one that counts.
func TestSweepTakesOnlyWhatIsNobodys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		b := h.Submitted(t, who, x, 700_000*money.Yuan)
		lost, err := h.Staged.Put(ctx, strings.NewReader("被杀死的上传"), object.PutOptions{Size: -1})
		if err != nil {
			t.Fatal(err)
		}
		var counts string
		if err := d.NewSelect().Table("bid_version").Column("object_key").Where("bid = ?", b.ID).Scan(ctx, &counts); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			for _, key := range []string{lost.Key, counts} {
				if err := h.Staged.Sweep(ctx, key); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := h.Store.Stat(ctx, lost.Key); !fault.Is(err, fault.NotFound) {
			t.Errorf("what is nobody's is still there: %v", err)
		}
		if _, r, _, err := h.Bids.Sealed(ctx, who, b.ID, 1); err != nil {
			t.Errorf("the sweep took a bid: %v", err)
		} else {
			_ = r.Close()
		}
		err = db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error { return h.Staged.Keep(ctx, tx, lost.Key) })
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("a swept object was taken: %v", err)
		}
	})
}

func TestTwoColleaguesBeginOneBid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		var got [2]bid.Bid
		var errs [2]error
		var wg sync.WaitGroup
		for i := range 2 {
			wg.Go(func() { got[i], errs[i] = h.Bids.Begin(ctx, who, x.ID) })
		}
		wg.Wait()
		if err := errors.Join(errs[0], errs[1]); err != nil || got[0].ID != got[1].ID {
			t.Errorf("%s and %s, %v", got[0].ID, got[1].ID, err)
		}
	})
}

func TestReplaceKeepsWhatWasSentAndWithdrawTakesItBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		first, second := h.Sealed(t, who, x, 700_000*money.Yuan), h.Sealed(t, who, x, 690_000*money.Yuan)
		b := h.Sent(t, who, x, first)
		send := func(sealed []byte) bid.Version {
			t.Helper()
			v, err := h.Bids.Submit(ctx, who, b.ID, bytes.NewReader(sealed), -1)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if v := send(second); v.Number != 2 {
			t.Errorf("the second is version %d", v.Number)
		}
		for n, want := range map[int][]byte{1: first, 2: second, 0: second} {
			v, r, size, err := h.Bids.Sealed(ctx, who, b.ID, n)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if _ = r.Close(); err != nil || !bytes.Equal(got, want) || size != int64(len(want)) || v.SHA256 != fmt.Sprintf("%x", sha256.Sum256(want)) {
				t.Errorf("version %d came back as %d bytes of %s, %v", n, len(got), v.SHA256, err)
			}
		}
		if _, _, err := h.Bids.Content(ctx, who, b.ID, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("a sealed bid was read: %v", err)
		}
		if err := h.Bids.Withdraw(ctx, who, b.ID, "内部调整"); err != nil {
			t.Fatal(err)
		}
		if err := h.Bids.Withdraw(ctx, who, b.ID, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("withdrawn twice: %v", err)
		}
		if v := send(second); v.Number != 3 {
			t.Errorf("sent again after withdrawing: version %d", v.Number)
		}
		if v := send(first); v.Number != 4 {
			t.Errorf("an earlier file sent again on purpose is version %d", v.Number)
		}
		if _, err := d.ExecContext(ctx, "UPDATE bid_version SET sha256 = '' WHERE bid = ?", b.ID); err == nil {
			t.Error("the database let a version be changed")
		}
	})
}

// TestAReceiptSaysNothingOfTheBid: tender, hash and time; no names of files,
// no size.
func TestAReceiptSaysNothingOfTheBid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		sealed := h.Sealed(t, who, x, 700_000*money.Yuan)
		b := h.Sent(t, who, x, sealed)
		var content string
		if err := d.NewSelect().Table("document").Column("content").Where("owner_id = ?", b.ID).Scan(ctx, &content); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(content, b.SHA256) || !strings.Contains(content, x.No()) {
			t.Errorf("the receipt does not name the file and the tender: %s", content)
		}
		for _, no := range []string{"服务方案", fmt.Sprint(len(sealed)), "700000", "bytes"} {
			if strings.Contains(content, no) {
				t.Errorf("the receipt says %q: %s", no, content)
			}
		}
	})
}

func names(err error) string {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return ""
	}
	var out []string
	for _, x := range f.Fields {
		out = append(out, x.Name)
	}
	return strings.Join(out, " ")
}

func TestTheFormIsPublicFromPublicationOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		draft := h.Draft(t, nil)
		for who, a := range map[string]party.Actor{"visitor": {}, "officer": h.Officer} {
			if _, err := h.Bids.Form(ctx, a, draft.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s has the form of a draft: %v", who, err)
			}
		}
		x := h.Published(t, map[string]string{"ceiling_kind": "unit", "ceiling": "120", "ceiling_unit": "人次", "ceiling_quantity": "6000", "ceiling_cap": "720000"})
		f, err := h.Bids.Form(ctx, party.Actor{}, x.ID)
		if err != nil || seal.CheckForm(f) != nil || len(f.Questions) != 2 || f.Questions[0].Key != "1" || f.Ceiling.Unit != "人次" || *f.Ceiling.Limit != 120*money.Yuan {
			t.Errorf("%+v, %v", f, err)
		}
	})
}

func TestOnlyApprovedSocialOrganisationsBid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		waiting := h.Supplier(t, "待审社会工作服务中心")
		b, sealed := h.Drafted(t, waiting, x), h.Sealed(t, waiting, x, 700_000*money.Yuan)
		if _, err := d.ExecContext(ctx, "UPDATE organisation SET state = 'pending' WHERE id = ?", waiting.Org); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Bids.Submit(ctx, waiting, b.ID, bytes.NewReader(sealed), -1); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an organisation under review submitted: %v", err)
		}
		foundation := h.Actor(t, h.Org(t, party.Foundation, "社区基金会"), "社区基金会", party.Foundation, party.Officer)
		for who, a := range map[string]party.Actor{"foundation": foundation, "buyer": h.Officer, "visitor": {}, "person": {Account: waiting.Account}} {
			if _, err := h.Bids.Begin(ctx, a, x.ID); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s began a bid: %v", who, err)
			}
		}
		draft := h.Draft(t, nil)
		if _, err := h.Bids.Begin(ctx, h.Supplier(t, "早到社会工作服务中心"), draft.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a bid for an unpublished tender: %v", err)
		}
	})
}

// TestNobodyElseLearnsOfABid asks everything of a bid as everybody who might
// be curious, before the opening.
func TestNobodyElseLearnsOfABid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		b := h.Submitted(t, who, x, 700_000*money.Yuan)
		file, err := h.Files.Add(ctx, who, bid.ObjectKind, b.ID, "", "附件.age", bytes.NewReader(bidtest.Cipher(t, "附件")))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Bids.SaveDraft(ctx, who, b.ID, 0, bytes.NewReader(bidtest.Cipher(t, "草稿"))); err != nil {
			t.Fatal(err)
		}
		versions, err := h.Bids.Versions(ctx, who, b.ID)
		if err != nil || len(versions) != 1 {
			t.Fatal(versions, err)
		}
		platform := h.Org(t, party.Platform, "平台")
		curious := map[string]party.Actor{
			"visitor": {}, "officer": h.Officer, "approver": h.Approver, "supervisor": h.Supervisor, "expert": h.Expert(t, ""),
			"admin":   h.Actor(t, platform, "平台", party.Platform, party.Admin),
			"auditor": h.Actor(t, platform, "平台", party.Platform, party.Auditor),
			"rival":   h.Supplier(t, "对手社会工作服务中心"),
		}
		nothing := id.New(h.Clock.Now())
		look := func() {
			t.Helper()
			for name, a := range curious {
				_, _, got := h.Bids.Get(ctx, a, b.ID)
				_, _, none := h.Bids.Get(ctx, a, nothing)
				if !fault.Is(got, fault.NotFound) || got.Error() != none.Error() {
					t.Errorf("%s can tell a bid from none: %v / %v", name, got, none)
				}
				_, _, content := h.Bids.Content(ctx, a, b.ID, 1)
				_, _, inside := h.Bids.OpenFile(ctx, a, b.ID, 1, file.ID)
				_, _, attachment := h.Files.Open(ctx, a, file.ID)
				_, _, _, sealed := h.Bids.Sealed(ctx, a, b.ID, 1)
				_, draft := h.Bids.Draft(ctx, a, b.ID)
				_, submitted := h.Bids.Submit(ctx, a, b.ID, strings.NewReader(""), 0)
				_, receipt := h.Archive.Get(ctx, a, versions[0].Receipt)
				_, timeline := h.Bids.Timeline(ctx, a, b.ID)
				_, list := h.Bids.Versions(ctx, a, b.ID)
				_, mine := h.Bids.Mine(ctx, a, x.ID)
				for what, err := range map[string]error{"content": content, "file": inside, "attachment": attachment, "sealed": sealed, "draft": draft, "submit": submitted, "receipt": receipt, "timeline": timeline, "versions": list, "mine": mine} {
					if !fault.Is(err, fault.NotFound) {
						t.Errorf("%s asked for the %s and got %v", name, what, err)
					}
				}
				events, err := h.Tenders.Timeline(ctx, a, x.ID)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range events {
					if strings.Contains(e.Action, "投标") {
						t.Errorf("%s reads “%s” on the tender's timeline", name, e.Action)
					}
				}
				if v, err := h.Openings.View(ctx, a, x.ID); err != nil || v.Opening != nil || len(v.Lines)+len(v.Answers) != 0 || v.Seq != 0 {
					t.Errorf("%s sees %+v of the opening, %v", name, v, err)
				}
				if all, err := h.Bids.List(ctx, a, bid.Filter{}); err != nil || len(all) != 0 {
					t.Errorf("%s lists %d bids, %v", name, len(all), err)
				}
			}
		}
		look()
		h.Clock.Set(x.Deadline.Add(time.Hour)) // closed, not yet opened: still nothing
		look()
	})
}

func TestTheListIsOnesOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		who := h.Supplier(t, "晨光社会工作服务中心")
		for range 3 {
			h.Submitted(t, who, h.Published(t, nil), 700_000*money.Yuan)
			h.Clock.Advance(time.Millisecond)
		}
		first, err := h.Bids.List(ctx, who, bid.Filter{Limit: 2})
		if err != nil || len(first) != 2 {
			t.Fatal(first, err)
		}
		rest, err := h.Bids.List(ctx, who, bid.Filter{Limit: 2, After: first[1].Bid})
		if err != nil || len(rest) != 1 || rest[0].TenderState != tender.Open || rest[0].Won != nil {
			t.Errorf("%+v, %v", rest, err)
		}
		for text, want := range map[string]int{rest[0].Number: 1, rest[0].BuyerName: 3, " " + rest[0].Title + " ": 3, "%": 0, "没有这个项目": 0} {
			f := bid.Filter{Text: text}
			list, err := h.Bids.List(ctx, who, f)
			if n, counted := h.Bids.Count(ctx, who, f); err != nil || counted != nil || len(list) != want || n != want {
				t.Errorf("%q: %d listed, %d counted, want %d: %v %v", text, len(list), n, want, err, counted)
			}
		}
	})
}
