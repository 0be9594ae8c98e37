package archive_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/trust/signature"
)

// TestWhatIsIssuedIsSigned: a receipt's PDF and its JSON verify with the key
// the platform publishes, and only who may have the document gets either.
func TestWhatIsIssuedIsSigned(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := e.Charity()
		type m = map[string]any
		var d struct {
			ID       string
			Receipts []struct{ Document, SHA256 string }
		}
		c.Donor.API("POST", "/donations", m{"fund": c.Fund.ID, "kind": "money", "amount": 140950, "relation": "none", "agree": true, "no_benefit": true}).Want(201).Into(&d)
		at := "/donations/" + d.ID
		c.Finance.API("POST", at+"/confirm", m{"amount": 140950, "on": apptest.Start.Format(time.RFC3339)}).Want(200)
		var r struct{ ID string }
		c.Finance.API("POST", at+"/receipts", m{}).Want(201).Into(&r)
		c.Reviewer.API("POST", "/receipts/"+r.ID+"/review", m{"approve": true}).Want(200)
		e.Settle()
		c.Donor.API("GET", at, nil).Want(200).Into(&d)
		doc := d.Receipts[0].Document

		key := strings.TrimSpace(string(e.Visitor().Get("/.well-known/gongji-key").Body))
		if !strings.HasPrefix(key, strings.TrimPrefix(e.URL, "http://")+"+") {
			t.Fatalf("the key is %q", key)
		}
		pdf := c.Donor.API("GET", "/documents/"+doc, nil).Want(200).Body
		s, err := signature.Verify(pdf, key)
		if err != nil {
			t.Fatal(err)
		}
		if string(s.Document) != doc || s.Kind != "donation_receipt" || len(s.Facts) == 0 {
			t.Errorf("signed is %+v", s)
		}
		readable(t, pdf)
		for _, b := range [][]byte{c.Donor.API("GET", "/documents/"+doc+"/signed", nil).Want(200).Body, c.Donor.Get("/documents/" + doc + "/signed.json").Body} {
			same, err := signature.Verify(b, key)
			if err != nil || same.Number != s.Number || same.Content != s.Content {
				t.Errorf("the JSON says %+v, %v", same, err)
			}
		}
		c.Neighbour.API("GET", "/documents/"+doc+"/signed", nil).Want(404)
		e.Visitor().API("GET", "/documents/"+doc+"/signed", nil).Want(404)
		if p := c.Neighbour.Get("/documents/" + doc + "/signed.json"); p.Code != 404 {
			t.Errorf("a stranger gets %d", p.Code)
		}
		if strings.Contains(e.Log.String(), "PRIVATE+KEY") {
			t.Error("the log has the key")
		}
	})
}

// readable says that a program other than ours still reads the PDF.
func readable(t *testing.T, pdf []byte) {
	t.Helper()
	if !bytes.HasSuffix(pdf, []byte("%%EOF\n")) {
		t.Error("the PDF does not end as a PDF")
	}
	path := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "pdftotext", path, "-")
	cmd.Stderr = &said
	if out, err := cmd.Output(); err != nil || said.Len() > 0 || !bytes.Contains(out, []byte("收据")) {
		t.Errorf("pdftotext: %v %s %.80s", err, &said, out)
	}
}
