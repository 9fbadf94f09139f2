<?php

declare(strict_types=1);

namespace Amtia\Tests;

use Amtia\Client;
use Amtia\Error\AmtiaException;
use Amtia\Error\ApiConnectionException;
use Amtia\Error\ApiException;
use Amtia\Error\AuthenticationException;
use Amtia\Error\InternalServerException;
use Amtia\Error\RateLimitException;
use Amtia\Http\Api;
use Amtia\Http\CurlTransport;
use Amtia\Record;
use PHPUnit\Framework\TestCase;

/** What no real engine does on demand: waits, lost answers, other lists, hostile answers. */
final class TransportTest extends TestCase
{
    public function testAWaitIsHonoured(): void
    {
        $peer = new Peer(Peer::answer(429, ['error' => ['code' => 429]], ['retry-after' => '1']), Peer::answer(200, [['id' => 'a']]));
        $begun = microtime(true);
        self::assertSame('a', $peer->client()->risks()->list()->data()[0]->id);
        self::assertGreaterThanOrEqual(1, microtime(true) - $begun);
    }

    /**
     * @testWith ["120"]
     *           ["Fri, 01 Jan 2100 00:00:00 GMT"]
     */
    public function testAWaitThatIsTooLongIsTold(string $after): void
    {
        $peer = new Peer(Peer::answer(429, [], ['retry-after' => $after]));
        try {
            $peer->client()->risks()->list();
            self::fail('it waited');
        } catch (RateLimitException $told) {
            self::assertGreaterThanOrEqual(120, $told->retryAfter);
        }
    }

    public function testALostAnswerToAPostIsAskedForAgainWithTheSameKeyAndBody(): void
    {
        $peer = new Peer(Peer::lost(), Peer::answer(503, ''), Peer::answer(201, ['id' => '1']));
        self::assertSame('1', $peer->client()->risks()->create(['name' => 'A'])->id);
        $keys = array_map(static fn ($request): string => $request->getHeaderLine('idempotency-key'), $peer->asked);
        self::assertSame([3, 1, 1], [count($keys), count(array_unique($keys)), count(array_unique($peer->bodies))]);
    }

    public function testAChangeBasedOnARevisionIsNotRepeated(): void
    {
        $this->expectException(ApiConnectionException::class);
        (new Peer(Peer::lost()))->client()->risks()->update('1', ['owner' => 'A'], '"1"');
    }

    public function testA500IsToldAtOnce(): void
    {
        $error = ['code' => 500, 'status' => 'Internal Server Error', 'message' => 'Sorry.', 'request_id' => 'req_abc123def456'];
        try {
            (new Peer(Peer::answer(500, ['error' => $error])))->client()->risks()->list();
            self::fail('it was not told');
        } catch (InternalServerException $told) {
            self::assertSame('req_abc123def456', $told->requestId);
        }
    }

    public function testASecond401IsTold(): void
    {
        $peer = new Peer(Peer::answer(401, []), Peer::answer(401, []));
        $this->expectException(AuthenticationException::class);
        $peer->client()->risks()->list();
    }

    /** @dataProvider lists */
    public function testEachFormOfListIsFollowed(mixed $first, array $headers, string $second): void
    {
        $peer = new Peer(Peer::answer(200, $first, $headers), Peer::answer(200, [['id' => 'b']]));
        $ids = [];
        foreach ($peer->client()->risks()->list(['level' => 'low']) as $risk) {
            $ids[] = $risk->id;
        }
        self::assertSame(['a', 'b'], $ids);
        self::assertStringContainsString($second, (string) $peer->asked[1]->getUri());
    }

    /** @return array<string, array{mixed, array<string, string>, string}> */
    public static function lists(): array
    {
        $a = [['id' => 'a']];
        $next = Peer::BASE . '/risks?page=2';
        return [
            'data and a cursor' => [['data' => $a, 'next_cursor' => 'c2', 'total' => 2], [], 'cursor=c2'],
            'items and an address' => [['items' => $a, 'next' => $next], [], 'page=2'],
            'results and a path' => [['results' => $a, 'next' => '/v1/risks?page=2'], [], 'page=2'],
            'its own name and a cursor' => [['risks' => $a, 'next' => 'c2'], [], 'cursor=c2'],
            'bare, and a link' => [$a, ['link' => "<https://x.example/>; rel=\"prev\", <$next>; rel=\"next\""], 'page=2'],
        ];
    }

    /**
     * @testWith ["https://elsewhere.example/v1/risks"]
     *           ["https://amtia.example.evil.example/x"]
     *           ["https://amtia.example:8443/x"]
     *           ["//elsewhere.example/x"]
     *           ["https://amtia.example@evil.example/x"]
     */
    public function testTheTokenGoesToNoOtherAddress(string $next): void
    {
        $this->expectExceptionMessageMatches('/another address/');
        (new Peer(Peer::answer(200, ['data' => [], 'next' => $next])))->client()->risks()->list();
    }

    public function testARedirectIsNotFollowed(): void
    {
        $this->expectException(ApiException::class);
        $this->expectExceptionCode(302);
        (new Peer(Peer::answer(302, '', ['location' => 'https://elsewhere.example/'])))->client()->risks()->list();
    }

    public function testACircleOfPagesEnds(): void
    {
        $page = ['data' => [['id' => 'a']], 'next_cursor' => 'c'];
        $peer = new Peer(Peer::answer(200, $page), Peer::answer(200, $page), Peer::answer(200, $page));
        $this->expectExceptionMessageMatches('/leads back/');
        iterator_to_array($peer->client()->risks()->list());
    }

    /**
     * @testWith ["<html>"]
     *           ["{\"data\": \"no\"}"]
     *           ["{\"data\": [1]}"]
     */
    public function testAnAnswerThatIsNoListIsTold(string $body): void
    {
        $this->expectException(AmtiaException::class);
        (new Peer(Peer::answer(200, $body)))->client()->risks()->list();
    }

    public function testTheAddressComesFromTheOptionOrTheEnvironment(): void
    {
        $made = static fn (array $more = []): string => (new Client(['api_key' => 'k', 'secret' => 's'] + $more))->baseUrl();
        $kept = getenv('AMTIA_BASE_URL');
        try {
            putenv('AMTIA_BASE_URL=http://127.0.0.1:7411/v1/');
            self::assertSame('http://127.0.0.1:7411/v1', $made());
            self::assertSame(Peer::BASE, $made(['base_url' => Peer::BASE . '/']));
            putenv('AMTIA_BASE_URL');
            self::assertSame('https://api.amtia.net/v1', $made());
        } finally {
            putenv("AMTIA_BASE_URL=$kept");
        }
        foreach (['http://amtia.example/v1', 'ftp://127.0.0.1/', 'https://me:pass@amtia.example/', 'nothing'] as $wrong) {
            try {
                $made(['base_url' => $wrong]);
                self::fail("$wrong was accepted");
            } catch (\InvalidArgumentException $refused) {
                self::assertStringContainsString('base_url', $refused->getMessage());
            }
        }
    }

    public function testNothingThatIsPrintedHoldsASecret(): void
    {
        $peer = new Peer(Peer::lost());
        $client = $peer->client(['max_retries' => 0]);
        try {
            $client->risks()->list();
            self::fail('it was reached');
        } catch (ApiConnectionException $lost) {
            $printed = $lost . print_r($client, true) . print_r(new Record(['id' => '1', 'secret' => 'whsec_hidden']), true);
            foreach (['the-secret', 'the-key', 'secret-token', 'whsec_hidden'] as $word) {
                self::assertStringNotContainsString($word, $printed);
            }
        }
    }

    public function testRecordsReadByNameAndDoNotChange(): void
    {
        $nested = json_decode('{"a": [{"b": 1}]}');
        $record = new Record(['id' => '1', 'nested' => $nested, 'new_field' => true, 'none' => null]);
        self::assertSame([1, true], [$record->nested->a[0]->b, $record['new_field']]);
        self::assertSame([false, true], [isset($record->none), isset($record->id)]);
        self::assertSame('{"id":"1","nested":{"a":[{"b":1}]},"new_field":true,"none":null}', json_encode($record));
        self::assertSame(['a' => [['b' => 1]]], $record->toArray()['nested']);
        try {
            $record->naem;
            self::fail('a misspelt name was read');
        } catch (\OutOfBoundsException $missing) {
            self::assertStringContainsString('no field `naem`', $missing->getMessage());
        }
        $this->expectException(\LogicException::class);
        $record['id'] = '2';
    }

    public function testAnUploadIsStreamedAndRepeatedByteForByte(): void
    {
        $peer = new Peer(Peer::answer(503, ''), Peer::answer(201, ['id' => '1']));
        $api = (new \ReflectionProperty(Client::class, 'api'))->getValue($peer->client());
        self::assertInstanceOf(Api::class, $api);
        $file = tmpfile();
        fwrite($file, "%PDF-1.7\r\nall of it");
        rewind($file);
        $record = $api->upload(Record::class, '/documents/upload', $file, ['title' => 'A “policy”'], "a\"b\n.pdf", null);
        self::assertSame('1', $record->id);
        self::assertSame($peer->bodies[0], $peer->bodies[1]);
        self::assertStringContainsString("name=\"title\"\r\n\r\nA “policy”\r\n", $peer->bodies[0]);
        self::assertStringContainsString('filename="a%22b%0A.pdf"', $peer->bodies[0]);
        self::assertStringContainsString("\r\n\r\n%PDF-1.7\r\nall of it\r\n--amtia-", $peer->bodies[0]);
    }

    public function testALargeUploadTakesLittleMemory(): void
    {
        $file = tmpfile();
        ftruncate($file, 30 << 20);
        $form = \Amtia\Http\Form::build('b', [], $file, 'big.bin');
        memory_reset_peak_usage();
        try {
            (new CurlTransport(5))->send(new \Amtia\Http\Request('POST', Served::base() . '/nothing', [], $form));
        } catch (ApiConnectionException) {
            // The engine refuses it before it has come whole, which ends the connection.
        }
        self::assertLessThan(16 << 20, memory_get_peak_usage());
        self::assertGreaterThan(30 << 20, fstat($form)['size']);
    }
}
