package web

import (
	"testing"
	"time"

	"gongji/app/party/keyring"
	"gongji/app/procurement/tenderkey"
	"gongji/templates"
	"gongji/templates/templatetest"
)

func checkKeys(t *testing.T, now time.Time) {
	t.Helper()
	key := keyring.Key{ID: "K", Recipient: "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", File: "x", CreatedAt: now, ChangedAt: now, RetiredAt: &now}
	task := tenderkey.Task{Tender: "T", Title: "养老服务", Buyer: "民政局", Next: "rehearse", Duty: tenderkey.Buyer}
	templatetest.Check(t, "account/key", &keyPage{Key: &key, Old: []keyring.Key{key}, Tasks: []tenderkey.Task{task}, Next: "/keys"})
	templatetest.Check(t, "account/keys", &keyTasksPage{Tasks: []tenderkey.Task{task}, Waiting: 1})
	h := tenderkey.Holder{Account: "A", Name: "张三", Place: 1, Duty: tenderkey.Supervisor, OrgName: "民政局", RehearsedAt: &now, Ready: true, ShareFile: "x"}
	set := tenderkey.Key{Tender: "T", State: tenderkey.Made, Threshold: 2, Generation: 2, Recipient: key.Recipient, MadeAt: &now, Holders: []tenderkey.Holder{h}}
	over := tenderkey.Handover{Reason: "调离", To: []tenderkey.Holder{h}, Needed: 2, Deal: true}
	page := &keysPage{Tender: "T", Key: &set, Handover: &over, Mine: &tenderkey.Holding{Title: "养老服务", Set: set, Mine: h, ShareFile: "x", Handover: &over},
		Next: &templates.Action{Title: "x", Post: "/x"}, MayName: true, MayHandOver: true, Form: tenderkey.Default()}
	templatetest.Check(t, "tender/keys", page)
}
