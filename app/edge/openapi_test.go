package edge_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

type bidIn struct {
	Price   money.Fen  `json:"price" required:"true"`
	Budget  int64      `json:"budget"`
	Ceiling *money.Fen `json:"ceiling,omitempty" description:"最高限价"`
	Days    int        `json:"days" description:"工期"`
	Tender  id.ID      `json:"tender"`
}

type search struct {
	Q string `query:"q" description:"关键词"`
}

var apiRoutes = []edge.Route{
	{Method: "GET", Path: "/tenders", Gate: "public", Handle: ok},
	{Method: "GET", Path: "/api/v1/public/tenders", Gate: "public", Handle: ok, Doc: &edge.Doc{Summary: "查公告", Tag: "公开", Query: search{}, Out: []bidIn{}, Public: true}},
	{Method: "POST", Path: "/api/v1/tenders/{id}/bids", Gate: "supplier", Handle: ok, Doc: &edge.Doc{Summary: "投标", In: bidIn{}, Out: bidIn{}, Status: 201, Errors: []int{410}}},
	{Method: "DELETE", Path: "/api/v1/bids/{bid}", Gate: "supplier", Handle: ok, Doc: &edge.Doc{ID: "withdrawBid", Summary: "撤回"}},
	{Method: "GET", Path: "/api/v1/bids/{bid}/receipt.pdf", Gate: "supplier", Handle: ok, Doc: &edge.Doc{Summary: "回执", OutKind: "application/pdf"}},
	{Method: "POST", Path: "/api/v1/files", Gate: "supplier", Handle: ok, Limit: 100 << 20, Doc: &edge.Doc{Summary: "上传", Upload: true, Out: bidIn{}, Status: 201}},
}

// dig walks a decoded document; a missing step is nil.
func dig(v any, path ...string) any {
	for _, step := range path {
		m, _ := v.(map[string]any)
		v = m[step]
	}
	return v
}

func TestOpenAPI(t *testing.T) {
	info := edge.Info{Title: "共济", Version: "1"}
	data, err := edge.OpenAPI(apiRoutes, info)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := edge.OpenAPI(apiRoutes, info); err != nil || !bytes.Equal(again, data) {
		t.Errorf("not the same twice: %v", err)
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	described := 0
	paths, _ := dig(doc, "paths").(map[string]any)
	for path, item := range paths {
		methods, _ := item.(map[string]any)
		for method := range methods {
			described++
			found := false
			for _, rt := range apiRoutes {
				found = found || rt.Path == path && strings.EqualFold(rt.Method, method)
			}
			if !found {
				t.Errorf("%s %s is described and not served", method, path)
			}
		}
	}
	if described != len(apiRoutes)-1 {
		t.Errorf("%d of %d API routes are described", described, len(apiRoutes)-1)
	}
	bid := dig(doc, "paths", "/api/v1/tenders/{id}/bids", "post")
	problem := "#/components/schemas/EdgeProblem"
	for what, got := range map[string][2]any{
		"openapi":     {dig(doc, "openapi"), "3.1.0"},
		"operationId": {dig(bid, "operationId"), "postTendersByIdBids"},
		"own id":      {dig(doc, "paths", "/api/v1/bids/{bid}", "delete", "operationId"), "withdrawBid"},
		"too late":    {dig(bid, "responses", "410", "content", "application/problem+json", "schema", "$ref"), problem},
		"invalid":     {dig(bid, "responses", "422", "content", "application/problem+json", "schema", "$ref"), problem},
		"no token":    {dig(bid, "responses", "401", "content", "application/problem+json", "schema", "$ref"), problem},
		"pdf":         {dig(doc, "paths", "/api/v1/bids/{bid}/receipt.pdf", "get", "responses", "200", "content", "application/pdf", "schema", "type"), "string"},
		"scheme":      {dig(doc, "components", "securitySchemes", "bearer", "scheme"), "bearer"},
		"price":       {dig(doc, "components", "schemas", "EdgeTestBidIn", "properties", "price", "description"), "金额，单位：分（人民币），整数"},
		"budget":      {dig(doc, "components", "schemas", "EdgeTestBidIn", "properties", "budget", "description"), nil}, // an int64 need not be money
		"ceiling":     {dig(doc, "components", "schemas", "EdgeTestBidIn", "properties", "ceiling", "description"), "最高限价（单位：分）"},
		"days":        {dig(doc, "components", "schemas", "EdgeTestBidIn", "properties", "days", "description"), "工期"},
		"upload":      {dig(doc, "paths", "/api/v1/files", "post", "requestBody", "content", "multipart/form-data", "schema", "type"), "object"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %v, want %v", what, got[0], got[1])
		}
	}
	if dig(bid, "responses", "201", "content", "application/json") == nil || dig(bid, "security") == nil {
		t.Errorf("bid: %v", bid)
	}
	if list := dig(doc, "paths", "/api/v1/public/tenders", "get"); dig(list, "security") != nil || dig(list, "responses", "401") != nil {
		t.Errorf("a public route asks for a token: %v", list)
	}
	names := map[string]bool{}
	params, _ := dig(bid, "parameters").([]any)
	for _, p := range params {
		name, _ := dig(p, "name").(string)
		names[name] = true
	}
	if !names["id"] || !names["Idempotency-Key"] {
		t.Errorf("parameters %v", names)
	}
}

func TestOpenAPIRefuses(t *testing.T) {
	bare := edge.Route{Method: "GET", Path: "/api/v1/x", Gate: "public", Handle: ok}
	if _, err := edge.OpenAPI([]edge.Route{bare}, edge.Info{}); err == nil {
		t.Error("a route without a Doc goes undescribed")
	}
	bare.Doc = &edge.Doc{ID: "withdrawBid"}
	if _, err := edge.OpenAPI(append([]edge.Route{bare}, apiRoutes...), edge.Info{}); err == nil {
		t.Error("two operations share an id")
	}
}
