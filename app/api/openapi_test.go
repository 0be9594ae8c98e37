package api_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

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

// TestAnswersAreAsDescribed compiles every schema of the document, and holds
// what the demonstration gives the public against it.
func TestAnswersAreAsDescribed(t *testing.T) {
	e := apptest.Demo(t)
	body := e.Visitor().API("GET", "/openapi.json", nil).Want(200).Body
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	var said struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct{ Content map[string]any }
		}
	}
	if err := json.Unmarshal(body, &said); err != nil {
		t.Fatal(err)
	}
	asked := 0
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	for path, item := range said.Paths {
		for method, op := range item {
			for status, res := range op.Responses {
				for kind := range res.Content {
					at := "openapi.json#/paths/" + escape.Replace(path) + "/" + method + "/responses/" + status + "/content/" + escape.Replace(kind) + "/schema"
					schema, err := c.Compile(at)
					if err != nil {
						t.Errorf("%s: %v", at, err)
						continue
					}
					call, ok := strings.CutPrefix(path, "/api/v1")
					if !ok || !strings.HasPrefix(path, "/api/v1/public/") || strings.Contains(path, "{") || status != "200" {
						continue
					}
					answer, err := jsonschema.UnmarshalJSON(bytes.NewReader(e.Visitor().API("GET", call, nil).Want(200).Body))
					if err != nil {
						t.Fatal(err)
					}
					if err := schema.Validate(answer); err != nil {
						t.Errorf("%s: %v", path, err)
					}
					asked++
				}
			}
		}
	}
	if asked < 3 {
		t.Errorf("only %d public lists were asked", asked)
	}
}
