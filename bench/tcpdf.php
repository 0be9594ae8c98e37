<?php
// Draws the donation receipt's page with TCPDF: the same runs of text in the
// same places and the same font, the same lines and QR code. Prints one line:
// nanoseconds a receipt, and the bytes of the last file. With a third argument
// it writes that file there.
//
// The font is converted once, before the clock starts, as TCPDF wants it; each
// receipt is a TCPDF object of its own with a subset of the font, as a site
// that issues receipts would make it.
error_reporting(E_ALL & ~E_DEPRECATED);
[$self, $dir, $seconds] = $argv;
define('K_TCPDF_EXTERNAL_CONFIG', true);
define('K_PATH_MAIN', '/usr/share/php/tcpdf/');
define('K_PATH_FONTS', $dir . '/fonts/');
define('K_PATH_CACHE', $dir . '/');
define('K_PATH_URL', '');
define('PDF_PAGE_FORMAT', 'A4');
define('PDF_PAGE_ORIENTATION', 'P');
define('PDF_UNIT', 'pt');
define('K_TCPDF_THROW_EXCEPTION_ERROR', true);
define('K_TIMEZONE', 'UTC');
@mkdir($dir . '/fonts');
copy('/usr/share/php/tcpdf/fonts/helvetica.php', $dir . '/fonts/helvetica.php'); // every TCPDF begins with it
require '/usr/share/php/tcpdf/tcpdf.php';

class Receipt extends TCPDF
{
    public function raw(string $ops): void { $this->_out($ops); }
}

function receipt(array $page, string $font): string
{
    $pdf = new Receipt('P', 'pt', 'A4', true, 'UTF-8', false);
    $pdf->setPrintHeader(false);
    $pdf->setPrintFooter(false);
    $pdf->SetAutoPageBreak(false);
    $pdf->setFontSubsetting(true);
    $pdf->AddPage();
    $pdf->raw($page['rest']);
    foreach ($page['runs'] as $r) {
        $pdf->SetFont($font, '', $r['size']);
        $pdf->GetStringWidth($r['text']);
        $pdf->Text($r['x'], $r['y'] - $r['size'], $r['text'], false, false, true, 0, 0, '', false, '', 0, true);
    }
    return $pdf->Output('', 'S');
}

ini_set('memory_limit', '2G');
$page = json_decode(file_get_contents($dir . '/page.json'), true);
$font = TCPDF_FONTS::addTTFfont($dir . '/font.ttf', 'TrueTypeUnicode', '', 32, $dir . '/fonts/');
if ($font === false) {
    fwrite(STDERR, "TCPDF does not take the font\n");
    exit(1);
}
$out = receipt($page, $font);
if (isset($argv[3])) {
    file_put_contents($argv[3], $out);
}
$from = hrtime(true);
for ($n = 0; $n < 3 || hrtime(true) - $from < $seconds * 1e9; $n++) {
    $out = receipt($page, $font);
}
printf("%d %d\n", intdiv(hrtime(true) - $from, $n), strlen($out));
