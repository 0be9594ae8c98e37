package app

import "gongji/app/kernel/fault"

// render stands in until app/document lands.
func render(string, []byte) ([]byte, error) {
	return nil, fault.New(fault.Unavailable, "文书尚未接入")
}
