package edge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go"
	"github.com/swaggest/openapi-go/openapi31"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

const (
	bearerScheme = "bearer"
	problemKind  = "application/problem+json"
	fenNote      = "金额，单位：分（人民币），整数"
)

// OpenAPI writes the OpenAPI 3.1 document of the routes under /api/. It fails
// on one without a Doc, so that none goes undescribed. The same routes give
// the same bytes.
func OpenAPI(routes []Route, info Info) ([]byte, error) {
	re := openapi31.NewReflector()
	re.Spec.Info.WithTitle(info.Title).WithVersion(info.Version).WithDescription(info.Description)
	re.Spec.SetHTTPBearerTokenSecurity(bearerScheme, "", "访问令牌，在账号页面生成")
	re.DefaultOptions = append(re.DefaultOptions, jsonschema.InterceptSchema(describeTypes), jsonschema.InterceptProp(describeMoney))
	seen := map[string]string{}
	for i := range routes {
		rt := &routes[i]
		if !isAPI(rt.Path) {
			continue
		}
		if rt.Doc == nil {
			return nil, fmt.Errorf("edge: %s %s has no Doc", rt.Method, rt.Path)
		}
		op := operationID(rt)
		if other, ok := seen[op]; ok {
			return nil, fmt.Errorf("edge: operationId %q of %s %s is also that of %s", op, rt.Method, rt.Path, other)
		}
		seen[op] = rt.Method + " " + rt.Path
		if err := describe(re, rt, op); err != nil {
			return nil, fmt.Errorf("edge: describe %s %s: %w", rt.Method, rt.Path, err)
		}
	}
	data, err := json.Marshal(re.Spec)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, data, "", "  ")
	return out.Bytes(), err
}

func describe(re *openapi31.Reflector, rt *Route, opID string) error {
	d := rt.Doc
	oc, err := re.NewOperationContext(rt.Method, rt.Path)
	if err != nil {
		return err
	}
	oc.SetID(opID)
	oc.SetSummary(d.Summary)
	if d.Tag != "" {
		oc.SetTags(d.Tag)
	}
	if !d.Public {
		oc.AddSecurity(bearerScheme)
	}
	if ex, ok := oc.(openapi31.OperationExposer); ok {
		addParameters(ex.Operation(), rt)
		if d.Upload {
			addUpload(ex.Operation())
		}
	}
	if d.In != nil {
		oc.AddReqStructure(d.In)
	}
	if d.Query != nil {
		oc.AddReqStructure(d.Query)
	}
	addAnswers(oc, rt)
	return re.AddOperation(oc)
}

func addAnswers(oc openapi.OperationContext, rt *Route) {
	d := rt.Doc
	switch {
	case d.OutKind != "":
		oc.AddRespStructure("", openapi.WithHTTPStatus(d.success()), openapi.WithContentType(d.OutKind))
	default:
		oc.AddRespStructure(d.Out, openapi.WithHTTPStatus(d.success()))
	}
	for _, status := range errorStatuses(rt) {
		oc.AddRespStructure(Problem{}, openapi.WithHTTPStatus(status), openapi.WithContentType(problemKind))
	}
}

func (d *Doc) success() int {
	switch {
	case d.Status != 0:
		return d.Status
	case d.Out == nil && d.OutKind == "":
		return http.StatusNoContent
	}
	return http.StatusOK
}

// errorStatuses are what edge itself can answer on the route and what its
// Doc adds.
func errorStatuses(rt *Route) []int {
	list := append([]int{500, 503}, rt.Doc.Errors...)
	if strings.Contains(rt.Path, "{") {
		list = append(list, 404)
	}
	if !rt.Doc.Public {
		list = append(list, 401, 403)
	}
	if rt.Method != http.MethodGet {
		list = append(list, 413, 422, 429)
		if !rt.Doc.Public {
			list = append(list, 409) // Idempotency-Key in progress
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func addParameters(op *openapi31.Operation, rt *Route) {
	add := func(p openapi31.Parameter) { op.Parameters = append(op.Parameters, p.ToParameterOrRef()) }
	for _, m := range braces.FindAllStringSubmatch(rt.Path, -1) {
		p := openapi31.Parameter{Name: m[1], In: openapi31.ParameterInPath, Schema: map[string]any{"type": "string"}}
		p.WithRequired(true)
		add(p)
	}
	if rt.Method != http.MethodGet && !rt.Doc.Public {
		p := openapi31.Parameter{Name: idempotencyHeader, In: openapi31.ParameterInHeader,
			Schema: map[string]any{"type": "string", "minLength": 1, "maxLength": 255}}
		p.WithDescription("同一个键和同样的内容再次提交时，返回第一次的结果，不会重复执行")
		add(p)
	}
}

var braces = regexp.MustCompile(`\{([^}]+)\}`)

func addUpload(op *openapi31.Operation) {
	file := map[string]any{"type": "string", "contentMediaType": "application/octet-stream"}
	body := op.RequestBodyEns().RequestBodyEns()
	body.WithContentItem("multipart/form-data", openapi31.MediaType{Schema: map[string]any{
		"type": "object", "properties": map[string]any{"file": file}}})
	body.WithContentItem("application/octet-stream", openapi31.MediaType{Schema: map[string]any{}})
}

// operationID is stable as long as the route is: clients name methods by it.
func operationID(rt *Route) string {
	if rt.Doc.ID != "" {
		return rt.Doc.ID
	}
	var b strings.Builder
	b.WriteString(strings.ToLower(rt.Method))
	for seg := range strings.SplitSeq(strings.TrimPrefix(rt.Path, "/api/v1"), "/") {
		by := strings.HasPrefix(seg, "{")
		if by {
			b.WriteString("By")
		}
		for word := range strings.FieldsFuncSeq(seg, func(c rune) bool {
			return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9')
		}) {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

var (
	idType  = reflect.TypeFor[id.ID]()
	fenType = reflect.TypeFor[money.Fen]()
)

func describeTypes(p jsonschema.InterceptSchemaParams) (bool, error) {
	if p.Value.Type() == idType {
		p.Schema.WithType(jsonschema.String.Type())
		p.Schema.WithPattern("^[0-9A-HJKMNP-TV-Z]{26}$")
		return true, nil
	}
	return false, nil
}

// describeMoney says 分 beside every amount. Only money.Fen is one: versions,
// sizes, weights and quantities are int64 too.
func describeMoney(p jsonschema.InterceptPropParams) error {
	if !p.Processed {
		return nil
	}
	t := p.Field.Type
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	note := p.PropertySchema.Description
	switch {
	case t == fenType && note == nil:
		p.PropertySchema.WithDescription(fenNote)
	case t == fenType && !strings.Contains(*note, "分"):
		p.PropertySchema.WithDescription(*note + "（单位：分）")
	}
	return nil
}
