package seal

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"testing"

	"filippo.io/age"
)

var update = flag.Bool("update", false, "make testdata/vector.json anew; only for a new format")

// vector is a tender from its ceremony to an opened bid, as files of today.
type vector struct {
	Key        Key      `json:"key"`
	Identities []string `json:"identities"`
	Shares     []string `json:"shares"`
	Bid        []byte   `json:"bid"`
	Manifest   Manifest `json:"manifest"`
}

// TestVector: what was sealed once opens with every later version.
func TestVector(t *testing.T) {
	if *update {
		makeVector(t)
	}
	b, err := os.ReadFile("testdata/vector.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vector
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	var shares []Share
	for i, secret := range v.Identities {
		own, err := age.ParseX25519Identity(secret)
		if err != nil {
			t.Fatal(err)
		}
		s := shareOf(t, v.Key, person{own: own}, i+1)
		if textOf(t, s) != v.Shares[i] {
			t.Errorf("share %d is %s", i+1, textOf(t, s))
		}
		shares = append(shares, s)
	}
	o, err := v.Key.Recover(shares[1:])
	if err != nil {
		t.Fatal(err)
	}
	r, err := o.Open(bytes.NewReader(v.Bid))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(r, func(_ int, _ File, r io.Reader) error { _, err := io.Copy(io.Discard, r); return err })
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(asJSON(m).body, asJSON(v.Manifest).body) {
		t.Errorf("the bid reads %s", asJSON(m).body)
	}
}

func makeVector(t *testing.T) {
	key, who := generate(t, 2, 3)
	v := vector{Key: key}
	for i, p := range who {
		v.Identities = append(v.Identities, p.own.String())
		v.Shares = append(v.Shares, textOf(t, shareOf(t, key, p, i+1)))
	}
	a := entry{name: "files/1", body: []byte("方案")}
	v.Manifest = manifestOf(a)
	v.Bid = ages(t, key, string(tarOf(asJSON(v.Manifest), a))) // not padded, to keep it small
	b, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("testdata/vector.json", append(b, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
}
