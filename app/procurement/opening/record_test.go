package opening_test

import (
	"encoding/json"
	"testing"

	"github.com/uptrace/bun"

	"gongji/app/document"
)

func frozen(t *testing.T, d *bun.DB, doc string) document.OpeningRecord {
	t.Helper()
	var kind, content string
	if err := d.NewSelect().Table("document").Column("kind", "content").Where("id = ?", doc).Scan(t.Context(), &kind, &content); err != nil {
		t.Fatal(err)
	}
	var r document.OpeningRecord
	if err := json.Unmarshal([]byte(content), &r); err != nil {
		t.Fatal(err)
	}
	pdf, err := document.Render(kind, []byte(content))
	if err != nil || len(pdf) < 1000 {
		t.Errorf("the record does not print: %d bytes, %v", len(pdf), err)
	}
	return r
}
