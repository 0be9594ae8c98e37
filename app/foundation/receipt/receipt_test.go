package receipt_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/receipt"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/staging"
	"gongji/app/trust/access"
	"gongji/app/trust/signature"
	"gongji/storage/db/dbtest"
	"gongji/storage/mail"
	"gongji/storage/object"
	"gongji/storage/queue"
)

// desk is a foundation whose receipts are rendered and stored.
type desk struct {
	*donationtest.House
	receipts *receipt.Service
	bulk     *receipt.Bulk
	papers   *receipt.Papers
	archive  *archive.Service
	queue    *queue.Queue
}

func newDesk(t *testing.T, d *bun.DB, post ...*mail.Sender) *desk {
	t.Helper()
	var sender *mail.Sender
	if len(post) > 0 {
		sender = post[0]
	}
	h := donationtest.New(t, d)
	st, err := object.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	q := queue.New(d, queue.Options{Log: slog.New(slog.DiscardHandler), Poll: 10 * time.Millisecond})
	reg := access.Registry{}
	sign, err := signature.Load("", "", "test")
	if err != nil {
		t.Fatal(err)
	}
	a, err := archive.New(d, h.Clock, st, q, reg, document.Render, sign, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	rs := receipt.New(d, h.Clock, h.Policy, a, "https://gongji.example")
	bulk, err := receipt.NewBulk(rs, q, sender)
	if err != nil {
		t.Fatal(err)
	}
	staged, err := staging.New(d, h.Clock, st, q)
	if err != nil {
		t.Fatal(err)
	}
	papers, err := receipt.NewPapers(rs, receipt.PaperRooms{Staged: staged, Store: st, Queue: q})
	if err != nil {
		t.Fatal(err)
	}
	k := &desk{h, rs, bulk, papers, a, q}
	reg[receipt.ObjectKind] = k.receipts.May
	if err := q.Open(); err != nil {
		t.Fatal(err)
	}
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Stop(context.Background()) })
	return k
}

func (k *desk) settle() {
	k.T.Helper()
	ctx, cancel := context.WithTimeout(k.T.Context(), time.Minute)
	defer cancel()
	if err := k.queue.Drained(ctx); err != nil {
		k.T.Fatal(err)
	}
}

func (k *desk) issue(d donation.Donation) receipt.Receipt {
	k.T.Helper()
	r, err := k.receipts.Prepare(k.T.Context(), k.Finance, d.ID, "")
	if err == nil {
		r, err = k.receipts.Review(k.T.Context(), k.Reviewer, r.ID, true, "")
	}
	if err != nil {
		k.T.Fatal(err)
	}
	return r
}

// pdf is the stored file as its donor or the foundation would download it.
func (k *desk) pdf(who party.Actor, r receipt.Receipt) []byte {
	k.T.Helper()
	_, body, err := k.archive.Download(k.T.Context(), who, *r.Document)
	if err != nil {
		k.T.Fatal(err)
	}
	defer func() { _ = body.Close() }()
	var b strings.Builder
	buf := make([]byte, 32<<10)
	for {
		n, err := body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return []byte(b.String())
		}
	}
}

func text(t *testing.T, pdf []byte) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "r.pdf")
	if err := os.WriteFile(p, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-raw", p, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// bare is text without the white space and the direction marks that layout adds.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

func want(t *testing.T, what string, err error, k fault.Kind) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Errorf("%s: got %v, want kind %d", what, err, k)
	}
}

func TestTwoPeopleIssueAReceiptThatAnyoneCanCheck(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		pledged, err := k.Donations.Pledge(ctx, k.Donor, k.Pledge(140950))
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.receipts.Prepare(ctx, k.Finance, pledged.ID, "")
		want(t, "a receipt for what has not arrived", err, fault.Forbidden)
		gift := k.Given(k.Donor, 140950)
		_, err = k.receipts.Prepare(ctx, k.Reviewer, gift.ID, "")
		want(t, "the reviewer prepares", err, fault.Forbidden)
		r, err := k.receipts.Prepare(ctx, k.Finance, gift.ID, "用于采购口罩")
		if err != nil || r.Number() != "" {
			t.Fatalf("prepared %+v, %v", r, err)
		}
		_, err = k.receipts.Get(ctx, k.Donor, r.ID)
		want(t, "the donor sees a prepared receipt", err, fault.NotFound)
		_, err = k.receipts.Review(ctx, k.Finance, r.ID, true, "")
		want(t, "finance reviews", err, fault.Forbidden)
		handler := k.Finance
		handler.Role = party.Reviewer // the same person, later a reviewer
		_, err = k.receipts.Review(ctx, handler, r.ID, true, "")
		want(t, "who prepared reviews", err, fault.Forbidden)
		_, err = k.receipts.Review(ctx, k.Reviewer, r.ID, false, "")
		want(t, "sent back without a reason", err, fault.Invalid)
		if _, err = k.receipts.Review(ctx, k.Reviewer, r.ID, false, "备注写错了"); err != nil {
			t.Fatal(err)
		}
		r = k.issue(gift)
		if r.Number() != "2026-000001" {
			t.Errorf("number %q", r.Number())
		}
		k.settle()
		page := text(t, k.pdf(k.Donor, r))
		for _, s := range []string{"捐赠收据", "非财政票据", "2026-000001", "欧阳娜娜", "1,409.50", "人民币壹仟肆佰零玖元伍角整", k.Fund.FullName(), "财务乙", "复核丙", gift.Reference, "横沥社区发展基金会"} {
			if !strings.Contains(bare(page), bare(s)) {
				t.Errorf("the PDF does not say %q:\n%s", s, page)
			}
		}
		show, err := k.receipts.Get(ctx, k.Donor, r.ID)
		if err != nil || !show.Ready() || show.DocumentState != archive.Ready || show.FundName != k.Fund.Name || show.Of.ID != gift.ID {
			t.Fatalf("the donor sees %+v, %v", show, err)
		}
		doc, err := k.archive.Verify(ctx, strings.ToLower(show.Code))
		if err != nil || doc.State != archive.Ready || doc.SHA256 != show.SHA256 || doc.Issuer != "横沥社区发展基金会" {
			t.Errorf("verification %+v, %v", doc, err)
		}
		if said := fmt.Sprint(doc.Facts); strings.Contains(said, "欧阳") || !strings.Contains(said, "欧***") || !strings.Contains(said, "1,409.50 元") || !strings.Contains(said, "非财政票据") {
			t.Errorf("facts %s", said)
		}
		for _, who := range []party.Actor{{}, k.Company, k.Outsider, k.Storekeeper} {
			_, _, err := k.archive.Download(ctx, who, *r.Document)
			want(t, who.Name+" downloads", err, fault.NotFound)
		}
	})
}

func TestVoidKeepsBothAndTheNumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		gift := k.Given(k.Company, 20000)
		first := k.issue(gift)
		_, err := k.receipts.Prepare(ctx, k.Finance, gift.ID, "")
		want(t, "a second live receipt", err, fault.Conflict)
		_, err = k.receipts.Void(ctx, k.Finance, first.ID, "  ")
		want(t, "void without a reason", err, fault.Invalid)
		_, err = k.receipts.Void(ctx, k.Reviewer, first.ID, "错")
		want(t, "the reviewer voids", err, fault.Forbidden)
		k.Clock.Advance(time.Hour)
		if _, err := k.receipts.Void(ctx, k.Finance, first.ID, "单位名称有误"); err != nil {
			t.Fatal(err)
		}
		_, err = k.receipts.Void(ctx, k.Finance, first.ID, "再来")
		want(t, "voided twice", err, fault.Forbidden)
		second := k.issue(gift)
		k.settle()
		list, err := k.receipts.Register(ctx, k.Finance, receipt.Filter{Year: 2026})
		if err != nil || len(list) != 2 || list[0].State != receipt.Void || list[0].VoidReason != "单位名称有误" || list[1].State != receipt.Issued || list[1].Number() != "2026-000002" {
			t.Errorf("register %+v, %v", list, err)
		}
		of, err := k.receipts.Of(ctx, k.Donor, []id.ID{gift.ID}, true)
		if err != nil || len(of[gift.ID]) != 2 {
			t.Errorf("the donor has %+v, %v", of, err)
		}
		doc, err := k.archive.Verify(ctx, list[0].Code)
		if err != nil || doc.State != archive.Void || doc.VoidWhy != "单位名称有误" || doc.SHA256 == "" {
			t.Errorf("the void one verifies as %+v, %v", doc, err)
		}
		if len(k.pdf(k.Company, first)) == 0 || len(k.pdf(k.Company, second)) == 0 {
			t.Error("one of the files is gone")
		}
		if _, err := k.receipts.Register(ctx, k.Company, receipt.Filter{Year: 2026}); err == nil {
			t.Error("a donor reads the register")
		}
		if other, err := k.receipts.Register(ctx, k.Outsider, receipt.Filter{Year: 2026}); err != nil || len(other) != 0 {
			t.Errorf("another foundation reads %+v, %v", other, err)
		}
		years, err := k.receipts.Years(ctx, k.Finance)
		if err != nil || len(years) != 1 || years[0] != (receipt.Totals{Year: 2026, Issued: 1, Void: 1}) {
			t.Errorf("years %+v, %v", years, err)
		}
	})
}

func TestGoodsWithoutProofHaveNoAmount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		bucket := "桶"
		v := money.Fen(1340000)
		for _, proven := range []bool{false, true} {
			gift, err := k.Donations.Pledge(ctx, k.Company, k.Things(
				donation.Thing{Name: "一次性口罩", Quantity: 28240}, donation.Thing{Name: "84消毒水20L", Unit: &bucket, Quantity: 134, Value: &v}))
			if err != nil {
				t.Fatal(err)
			}
			a := donation.Arrival{On: k.Clock.Now(), Goods: []donation.Arrived{{Line: 1, Quantity: 28240}, {Line: 2, Quantity: 134}}}
			if proven {
				k.Prove(gift, 0)
				a.Goods[1].Value = &v
				k.Valued(gift, a.Goods[1])
			}
			if gift, err = k.Donations.Confirm(ctx, k.Finance, gift.ID, a); err != nil {
				t.Fatal(err)
			}
			r := k.issue(gift)
			k.settle()
			page := text(t, k.pdf(k.Company, r))
			if !strings.Contains(page, "28240") || !strings.Contains(page, "84消毒水20L") || !strings.Contains(bare(page), "无价值凭证，仅列实物") || !strings.Contains(page, "实物捐赠") {
				t.Errorf("goods are not listed:\n%s", page)
			}
			if strings.Contains(page, "13,400.00") != proven || (r.Amount != nil) != proven || strings.Contains(page, "壹万叁仟肆佰元整") != proven {
				t.Errorf("proven %v, amount %v:\n%s", proven, r.Amount, page)
			}
		}
	})
}

func TestAnonymousGetsARecordNotAReceipt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		gift, err := k.Donations.Record(ctx, k.Officer, donation.Offline{Pledge: k.Pledge(500), DonorKind: donation.Unknown})
		if err != nil {
			t.Fatal(err)
		}
		if gift, err = k.Donations.Confirm(ctx, k.Finance, gift.ID, k.Came(500)); err != nil {
			t.Fatal(err)
		}
		_, err = k.receipts.Prepare(ctx, k.Finance, gift.ID, "")
		want(t, "a receipt to nobody", err, fault.Conflict)
	})
}

func TestHostileNamesPrint(t *testing.T) {
	names := []string{
		"𠮷田䶮𬭎", "小明😀👨‍👩‍👧🇨🇳", `<script>alert("1")</script>`, `'); DROP TABLE receipt;--`, "محمد بن سلمان",
		strings.Repeat("长", 60), "abc\u202edefg", "A\u0301le\u0301x {{.}} %s \\n", "㐀𪚥𫠝𬺰𱍐",
	}
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		issued := map[string]receipt.Receipt{}
		for _, n := range names {
			gift, err := k.Donations.Record(ctx, k.Officer, donation.Offline{Pledge: k.Pledge(100), DonorKind: donation.Person, DonorName: n})
			if err == nil {
				gift, err = k.Donations.Confirm(ctx, k.Finance, gift.ID, k.Came(100))
			}
			if err != nil {
				t.Fatalf("%q: %v", n, err)
			}
			issued[n] = k.issue(gift)
		}
		k.settle()
		for n, r := range issued {
			page := bare(text(t, k.pdf(k.Finance, r)))
			ok := strings.Contains(page, bare(n))
			if strings.ContainsFunc(n, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
				ok = true // poppler turns a right-to-left run around: hold it to its letters
				for _, r := range bare(n) {
					ok = ok && strings.ContainsRune(page, r)
				}
			}
			if !ok {
				t.Errorf("%q is not in the PDF:\n%s", n, page)
			}
		}
	})
}

// race runs fn n times at once and counts those that gave no error.
func race(t *testing.T, n int, fn func(i int) error) int {
	t.Helper()
	errs := make([]error, n)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range n {
		done.Go(func() {
			start.Wait()
			errs[i] = fn(i)
		})
	}
	start.Done()
	done.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
		} else if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
	}
	return good
}

func TestTwoOfficersAtOnceMakeOneReceipt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		gift := k.Given(k.Donor, 100)
		if good := race(t, 6, func(int) error {
			_, err := k.receipts.Prepare(ctx, k.Finance, gift.ID, "")
			return err
		}); good != 1 {
			t.Errorf("%d prepared", good)
		}
		waiting, err := k.receipts.Waiting(ctx, k.Reviewer)
		if err != nil || len(waiting) != 1 {
			t.Fatalf("waiting %+v, %v", waiting, err)
		}
		if good := race(t, 6, func(int) error {
			_, err := k.receipts.Review(ctx, k.Reviewer, waiting[0].ID, true, "")
			return err
		}); good != 1 {
			t.Errorf("%d issued", good)
		}
		list, err := k.receipts.Register(ctx, k.Finance, receipt.Filter{Year: 2026})
		if err != nil || len(list) != 1 || list[0].Number() != "2026-000001" {
			t.Errorf("register %+v, %v", list, err)
		}
	})
}

// Many receipts issued and voided at once: the numbers of a year are 1 … n,
// each year begins anew, and every number has its row.
func TestNumbersHaveNoGaps(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		k, ctx := newDesk(t, d), t.Context()
		for _, year := range []int{2026, 2027} {
			var gifts []donation.Donation
			for i := range 8 {
				gifts = append(gifts, k.Given(k.Donor, money.Fen(i+1)))
			}
			race(t, 8, func(i int) error {
				r, err := k.receipts.Prepare(ctx, k.Finance, gifts[i].ID, "")
				if err == nil {
					r, err = k.receipts.Review(ctx, k.Reviewer, r.ID, i%4 != 0, "退回")
				}
				if err == nil && i%3 == 0 && r.State == receipt.Issued {
					_, err = k.receipts.Void(ctx, k.Finance, r.ID, "作废")
				}
				return err
			})
			list, err := k.receipts.Register(ctx, k.Finance, receipt.Filter{Year: year})
			if err != nil || len(list) != 6 {
				t.Fatalf("%d: %d numbers, %v", year, len(list), err)
			}
			for i, r := range list {
				if *r.No != int64(i+1) || r.Code == "" {
					t.Errorf("%d: number %d is %+v", year, i+1, r)
				}
			}
			if !slices.ContainsFunc(list, func(r receipt.Row) bool { return r.State == receipt.Void }) {
				t.Error("nothing was voided")
			}
			k.Clock.Set(time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)) // new year in Beijing
		}
	})
}
