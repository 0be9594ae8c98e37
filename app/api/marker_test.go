package api_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"

	"gongji/app/apptest"
	"gongji/storage/db"
)

// notKept looks for words in every byte the product keeps: the database file
// with its log, or every row of every table of the server, and every object.
// present are words that must be found by the same search, or it proves nothing.
func notKept(t *testing.T, e *apptest.Env, words, present string) {
	t.Helper()
	found := false
	look := func(where string, b []byte) {
		t.Helper()
		if bytes.Contains(b, []byte(words)) {
			t.Errorf("%s holds a bid's words before the opening", where)
		}
		found = found || bytes.Contains(b, []byte(present))
	}
	if db.Postgres(e.DB) {
		rows(t, e, look)
	} else {
		files(t, e, look)
	}
	if !found {
		t.Errorf("the search does not even find %q", present)
	}
	found = false
	for x, err := range e.Store.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		r, _, err := e.Store.Open(t.Context(), x.Key)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil {
			t.Fatal(err)
		}
		look("object "+x.Key, append([]byte(x.Key+"\n"), b...))
		found = found || bytes.HasPrefix(b, []byte("age-encryption.org/v1"))
	}
	if !found {
		t.Error("no sealed bid is in the store")
	}
}

func rows(t *testing.T, e *apptest.Env, look func(string, []byte)) {
	t.Helper()
	var tables []string
	if err := e.DB.NewSelect().TableExpr("information_schema.tables").ColumnExpr("table_name").
		Where("table_schema = 'public' AND table_type = 'BASE TABLE'").Scan(t.Context(), &tables); err != nil {
		t.Fatal(err)
	}
	for _, name := range tables {
		var all []string
		if err := e.DB.NewSelect().TableExpr(fmt.Sprintf("%q AS r", name)).ColumnExpr("r::text").Scan(t.Context(), &all); err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			look("table "+name, []byte(x))
		}
	}
}

func files(t *testing.T, e *apptest.Env, look func(string, []byte)) {
	t.Helper()
	var path string
	if err := e.DB.NewRaw("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(t.Context(), &path); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		look("the database file "+suffix, b)
	}
}
