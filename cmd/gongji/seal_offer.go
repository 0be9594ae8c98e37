package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/money"
	"gongji/app/procurement/seal"
)

// sealOffer makes a sealed last offer (最后报价) from the form that the page of
// last offers gives its supplier.
func sealOffer(form, yuan, to string, keys list, out io.Writer) error {
	var f struct {
		Format string `json:"format"`
		seal.OfferForm
		Own []string `json:"own"`
	}
	if err := readJSON(form, &f); err != nil {
		return err
	}
	if f.Format != seal.OfferFormFormat {
		return errors.New("这不是最后报价表单（" + seal.OfferFormFormat + "），请在“最后报价”页面下载；投标请用 --bid")
	}
	price, err := money.Parse(yuan)
	if err != nil {
		return err
	}
	if price <= 0 || f.Limit != nil && price > *f.Limit {
		return errors.New("最后报价应大于 0 元，且不超过最高限价")
	}
	own, err := recipientsOf(keys)
	if err != nil {
		return err
	}
	sealed, err := seal.PackOffer(seal.LastOffer{Tender: f.Tender, Supplier: f.Supplier, Round: f.Round, Price: price}, f.Recipient, slices.Concat(f.Own, own))
	if err != nil {
		return err
	}
	if err := whole(to, func(w *os.File) error { _, err := w.Write(sealed); return err }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "已加密最后报价 %s 元：%s\n请在 %s（北京时间）以前到“最后报价”页面上传。\n", price.Yuan(), to, f.DueAt.In(clock.Beijing).Format("2006-01-02 15:04:05"))
	return err
}
