package api_test

import (
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/signature"
)

// TestABidReceiptIsSigned: the answer to a bid can be checked offline at once,
// says which ciphertext arrived when, and is its bidder's alone.
func TestABidReceiptIsSigned(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		at, _ := published(e, officer, e.Colleague(officer, party.Approver))
		x := strings.TrimPrefix(at, "/tenders/")
		bidder := e.Org(party.Social, "青山社会工作服务中心", party.Lead)
		v := bidder.Bid(id.ID(x), 70_000_000)
		key := strings.TrimSpace(string(e.Visitor().Get("/.well-known/gongji-key").Body))
		path := "/documents/" + string(v.Receipt) + "/signed"
		s, err := signature.Verify(bidder.API("GET", path, nil).Want(200).Body, key)
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]string{}
		for _, f := range s.Facts {
			said[f.Name] = f.Value
		}
		if said["tender"] != x || said["ciphertext_sha256"] != v.SHA256 || said["version"] != "1" || said["tender_number"] == "" {
			t.Errorf("signed is %v", said)
		}
		if when, err := time.Parse(time.RFC3339Nano, said["received_at"]); err != nil || !when.Equal(v.SubmittedAt) {
			t.Errorf("received %v, %v; submitted %v", said["received_at"], err, v.SubmittedAt)
		}
		for _, other := range []*apptest.Person{officer, e.Org(party.Social, "邻区社会工作服务中心", party.Lead), e.Org(party.Platform, "平台", party.Admin)} {
			other.API("GET", path, nil).Want(404)
		}
		e.Settle()
		if _, err := signature.Verify(bidder.API("GET", "/documents/"+string(v.Receipt), nil).Want(200).Body, key); err != nil {
			t.Error(err)
		}
	})
}
