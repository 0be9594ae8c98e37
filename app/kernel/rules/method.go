package rules

import (
	"sync"

	"gongji/app/kernel/fault"
)

// Method is a method of procurement. Where it is not offered, Refusal says
// why and what to do instead.
type Method struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Offered bool   `json:"offered"`
	Article string `json:"article"`
	Refusal string `json:"refusal"`
}

var methods = sync.OnceValue(func() []Method {
	var all []Method
	if data, err := files.ReadFile("data/methods.json"); err == nil {
		_ = strict(data, &all) // a test proves it
	}
	return all
})

// Methods is every method the law knows, the offered ones first.
func Methods() []Method { return append([]Method(nil), methods()...) }

// MethodByID is one method.
func MethodByID(id string) (Method, bool) {
	for _, m := range methods() {
		if m.ID == id {
			return m, true
		}
	}
	return Method{}, false
}

// Offered is the method if services can be bought by it here; else an Invalid
// fault with the reason and its article.
func Offered(id string) (Method, error) {
	m, ok := MethodByID(id)
	if !ok {
		return Method{}, fault.New(fault.Invalid, "请选择采购方式：公开招标或竞争性磋商")
	}
	if !m.Offered {
		return Method{}, fault.New(fault.Invalid, "%s（%s）", m.Refusal, m.Article).Under(m.Article)
	}
	return m, nil
}
