package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"gongji/app/apptest"
)

// TestTheDocumentDescribesTheRoutes compares what is served with what is said:
// every API route is described, and nothing is described that is not served.
func TestTheDocumentDescribesTheRoutes(t *testing.T) {
	e := apptest.SQLite(t)
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]json.RawMessage
	}
	e.Visitor().API("GET", "/openapi.json", nil).Want(200).Into(&doc)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("openapi %q", doc.OpenAPI)
	}
	said := map[string]bool{}
	for path, item := range doc.Paths {
		for method := range item {
			said[strings.ToUpper(method)+" "+path] = true
		}
	}
	for _, rt := range e.Routes {
		if !strings.HasPrefix(rt.Path, "/api/") {
			continue
		}
		key := rt.Method + " " + rt.Path
		if !said[key] {
			t.Errorf("%s is served but not described", key)
		}
		delete(said, key)
	}
	for key := range said {
		t.Errorf("%s is described but not served", key)
	}
}
