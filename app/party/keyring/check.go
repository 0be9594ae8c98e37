package keyring

import (
	"strings"

	"gongji/app/kernel/fault"
	"gongji/app/party/identity"
)

// check says what is wrong with a key that was sent, and gives it as it is kept.
func check(recipient, file string, least int) (string, string, error) {
	var c fault.Check
	recipient = strings.TrimSpace(recipient)
	c.Adopt("recipient", identity.CheckRecipient(recipient))
	file = strings.TrimSpace(strings.ReplaceAll(file, "\r\n", "\n")) + "\n"
	c.Adopt("file", identity.CheckFile(file, least))
	return recipient, file, c.Err()
}
