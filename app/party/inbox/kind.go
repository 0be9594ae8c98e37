package inbox

import "strings"

// Kind is what a message is about; people choose by it how they get it.
type Kind string

// The kinds.
const (
	Purchase Kind = "purchase"
	Delivery Kind = "delivery"
	Money    Kind = "money"
	Calls    Kind = "calls"
	Standing Kind = "standing"
	Reminder Kind = "reminder" // of a date that comes; the only kind that may be switched off in the app
)

// Kinds are all of them, in the order they are shown.
func Kinds() []Kind { return []Kind{Purchase, Delivery, Money, Calls, Standing, Reminder} }

// Name is the kind in Chinese.
func (k Kind) Name() string {
	return map[Kind]string{Purchase: "采购与投标", Delivery: "履约、验收与评价", Money: "基金、捐赠与付款", Calls: "公益创投与资助", Standing: "登记、资质与账号", Reminder: "期限提醒"}[k]
}

var rooms = map[Kind][]string{
	Delivery: {"/engagements", "/expenses", "/claims", "/acceptances", "/months", "/revisions", "/performance", "/surveys", "/needs"},
	Money:    {"/funds", "/fund", "/payments", "/donations", "/receipts", "/campaigns", "/foundation", "/goods"},
	Calls:    {"/calls", "/applications", "/reviews", "/grants"},
	Standing: {"/organisations", "/account", "/credentials", "/standing", "/registrar", "/platform"},
}

// kindOf is what a letter without a kind is about, by where it leads.
func kindOf(link string) Kind {
	for k, list := range rooms {
		for _, r := range list {
			if link == r || strings.HasPrefix(link, r+"/") || strings.HasPrefix(link, r+"?") {
				return k
			}
		}
	}
	return Purchase
}
