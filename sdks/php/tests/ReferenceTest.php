<?php

declare(strict_types=1);

namespace Amtia\Tests;

use PHPUnit\Framework\TestCase;

/** The reference's own example, as it stands there. */
final class ReferenceTest extends TestCase
{
    public function testTheExampleRunsUnchanged(): void
    {
        $text = (string) file_get_contents(__DIR__ . '/../../reference-examples.txt');
        self::assertSame(1, preg_match('/^php\n(.*)\z/ms', $text, $found), 'the reference holds a PHP example');
        $key = Served::key('VIEWER');
        // The two placeholders are what a person replaces; nothing else is touched.
        $example = strtr($found[1], ['your_api_key' => $key['api_key'], 'your_secret' => $key['secret']]);
        // It speaks of an asset that the reader has at hand.
        $asset = $this->assetWithVulnerabilities();
        $program = (string) tempnam(sys_get_temp_dir(), 'amtia');
        $head = "<?php\nrequire " . var_export(__DIR__ . '/bootstrap.php', true) . ";\n\$assetId = " . var_export($asset, true) . ";\n";
        try {
            file_put_contents($program, $head . $example);
            exec(PHP_BINARY . ' ' . escapeshellarg($program) . ' 2>&1', $lines, $status);
        } finally {
            unlink($program);
        }
        self::assertSame(0, $status, implode("\n", $lines));
        $expected = array_map(
            static fn ($vulnerability): string => $vulnerability->severity,
            iterator_to_array(Served::client('VIEWER')->assets()->vulnerabilities($asset), false),
        );
        self::assertNotSame([], $expected);
        self::assertSame($expected, $lines);
    }

    private function assetWithVulnerabilities(): string
    {
        $client = Served::client('VIEWER');
        foreach ($client->assets()->list() as $asset) {
            if (count($client->assets()->vulnerabilities($asset->id)) > 0) {
                return $asset->id;
            }
        }
        self::fail('the sample workspace holds an asset with vulnerabilities');
    }
}
