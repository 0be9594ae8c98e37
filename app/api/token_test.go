package api_test

import (
	"testing"

	"gongji/app/apptest"
	"gongji/app/party"
)

// TestAProgramSignsIn walks in without a browser: register, take a token, act.
func TestAProgramSignsIn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		donor := map[string]any{"login": "programmer", "password": apptest.Password, "name": "程序员"}
		e.Visitor().API("POST", "/accounts", donor).Want(201)
		e.Visitor().API("POST", "/tokens", map[string]any{"login": "programmer", "password": "wrong password"}).Want(422)
		ask := map[string]any{"login": "programmer", "password": apptest.Password, "label": "对账程序"}
		var one, two struct{ Token string }
		e.Visitor().API("POST", "/tokens", ask, "Idempotency-Key", "k").Want(201).Into(&one)
		e.Visitor().API("POST", "/tokens", ask, "Idempotency-Key", "k").Want(201).Into(&two)
		if one.Token == two.Token {
			t.Error("a token was kept under an Idempotency-Key")
		}
		p := e.Visitor()
		p.Token = one.Token
		var me struct{ Name string }
		p.API("GET", "/me", nil).Want(200).Into(&me)
		if me.Name != "程序员" {
			t.Errorf("the token stands for %q", me.Name)
		}
		lead := e.Org(party.Social, "晨光", party.Lead)
		foreign := map[string]any{"login": "programmer", "password": apptest.Password, "organisation": lead.Actor.Org}
		e.Visitor().API("POST", "/tokens", foreign).Want(404)
	})
}
