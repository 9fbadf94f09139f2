<?php

declare(strict_types=1);

namespace Amtia\Tests;

use Amtia\Client;
use Amtia\Error\AuthenticationException;
use Amtia\Error\BadRequestException;
use Amtia\Error\NotFoundException;
use Amtia\Error\PermissionDeniedException;
use Amtia\Error\PreconditionFailedException;
use Amtia\Error\RateLimitException;
use Amtia\Http\Api;
use Amtia\Record;
use PHPUnit\Framework\TestCase;
use Symfony\Component\HttpClient\HttpClient;
use Symfony\Component\HttpClient\Psr18Client;

/** Operations, lists and errors against the real engine. */
final class OperationsTest extends TestCase
{
    private Client $viewer;
    private Client $analyst;

    protected function setUp(): void
    {
        $this->viewer = Served::client('VIEWER');
        $this->analyst = Served::client('ANALYST');
    }

    public function testAListGivesEveryRecordOnce(): void
    {
        $risks = $this->viewer->risks()->list(['limit' => 200, 'sort' => 'name']);
        $ids = [];
        foreach ($risks as $index => $risk) {
            $ids[$index] = $risk->id;
        }
        self::assertGreaterThan(1000, count($ids));
        self::assertCount(count($risks), $ids);
        self::assertSame($risks->total(), count($ids));
        self::assertCount(count($ids), array_unique($ids));
        $sizes = [];
        foreach ($risks->pages() as $page) {
            $sizes[] = count($page->data);
        }
        self::assertSame([200], array_values(array_unique(array_slice($sizes, 0, -1))));
        foreach ($this->viewer->risks()->list(['level' => 'critical', 'assessed' => true]) as $risk) {
            self::assertSame('critical', $risk->level);
        }
    }

    public function testFrameworksAndControls(): void
    {
        $ids = array_map(static fn (Record $one): string => $one->id, $this->viewer->frameworks()->list()->data());
        self::assertContains('iso-27001', $ids);
        foreach ($this->viewer->frameworks()->controls('iso-27001', ['parent_id' => 'none']) as $control) {
            self::assertSame(['iso-27001', null], [$control->framework_id, $control->parent_id]);
        }
    }

    public function testTheHeatmapCountsTheList(): void
    {
        $heatmap = $this->viewer->risks()->heatmap(['view' => 'inherent']);
        $counted = array_sum(array_map(static fn (Record $cell): int => $cell->count, $heatmap->cells));
        self::assertCount(count($this->viewer->risks()->list()), range(1, $counted + $heatmap->unassessed));
        self::assertSame($counted, array_sum(iterator_to_array($heatmap->totals)));
    }

    public function testARiskIsCreatedAndChanged(): void
    {
        $risk = $this->analyst->risks()->create([
            'name' => 'A supplier’s VPN account is shared',
            'likelihood' => 4,
            'impact' => 4,
            'inherent' => ['likelihood' => 5, 'impact' => 4],
            'tags' => [],
        ]);
        self::assertSame([16, 20, 'open', []], [$risk->score, $risk->inherent->score, $risk['treatment'], $risk->tags]);
        $changed = $this->analyst->risks()->update($risk->id, ['owner' => 'Ines Duarte'], $risk->etag());
        self::assertSame(['Ines Duarte', $risk->name], [$changed->owner, $changed->name]);
        self::assertNull($this->analyst->risks()->update($risk->id, ['owner' => null])->owner);
        $this->expectException(PreconditionFailedException::class);
        $this->analyst->risks()->update($risk->id, ['owner' => 'Somebody'], $risk->etag());
    }

    public function testAnIncidentIsCreatedAndMoved(): void
    {
        $incident = $this->analyst->incidents()->create([
            'title' => 'A laptop is missing',
            'severity' => 'medium',
            'occurred_at' => new \DateTimeImmutable('2026-03-01 10:00', new \DateTimeZone('Europe/Paris')),
        ]);
        self::assertStringStartsWith('2026-03-01T09:00:00', $incident->occurred_at);
        $moved = $this->analyst->incidents()->updateStatus($incident->id, ['status' => 'triaged', 'note' => 'Called the owner']);
        self::assertSame([$incident->id, 'triaged'], [$moved->id, $moved->status]);
    }

    public function testAKeyedPostHappensOnce(): void
    {
        $first = $this->analyst->risks()->create(['name' => 'Once'], 'php-once');
        self::assertSame($first->id, $this->analyst->risks()->create(['name' => 'Once'], 'php-once')->id);
        $this->expectException(BadRequestException::class);
        $this->analyst->risks()->create(['name' => 'Another'], 'php-once');
    }

    public function testARefusalNamesEveryField(): void
    {
        try {
            $this->analyst->risks()->create(['name' => '', 'likelihood' => 9, 'impact' => 0]);
            self::fail('it was accepted');
        } catch (BadRequestException $refused) {
            self::assertSame([400, 'Bad Request'], [$refused->getCode(), $refused->status]);
            self::assertMatchesRegularExpression('/^req_[0-9a-z]{12}$/', (string) $refused->requestId);
            foreach (['name', 'likelihood', 'impact'] as $field) {
                self::assertNotNull($refused->field($field), $field);
            }
        }
    }

    public function testARoleTooLowIsRefused(): void
    {
        $this->expectException(PermissionDeniedException::class);
        $this->expectExceptionMessageMatches('/analyst/');
        $this->viewer->risks()->create(['name' => 'Not mine to write']);
    }

    public function testAWrongSecretIsRefused(): void
    {
        $this->expectException(AuthenticationException::class);
        (new Client(['secret' => 'wrong'] + Served::key('VIEWER')))->risks()->list();
    }

    public function testAnIdentifierStaysOneSegment(): void
    {
        foreach (['', '.', '..'] as $wrong) {
            try {
                $this->viewer->frameworks()->controls($wrong);
                self::fail("`$wrong` was accepted");
            } catch (\InvalidArgumentException $refused) {
                self::assertStringContainsString('identifier', $refused->getMessage());
            }
        }
        $this->expectException(NotFoundException::class);
        $this->viewer->frameworks()->controls('iso-27001/controls?x=');
    }

    public function testARefusedTokenIsRenewedOnceAndAnEndingOneBeforeItEnds(): void
    {
        $api = (new \ReflectionProperty(Client::class, 'api'))->getValue($this->analyst);
        $first = $this->analyst->token();
        self::assertSame($first, $this->analyst->token());
        $token = new \ReflectionProperty(Api::class, 'token');
        $token->setValue($api, substr($first, 0, -4) . 'AAAA');
        self::assertGreaterThan(0, count($this->analyst->risks()->list(['limit' => 1])));
        $second = $this->analyst->token();
        $until = new \ReflectionProperty(Api::class, 'until');
        self::assertEqualsWithDelta(microtime(true) + 3540, $until->getValue($api), 60);
        $until->setValue($api, microtime(true) - 1);
        sleep(1);
        self::assertNotSame($second, $this->analyst->token());
    }

    public function testTheRateLimitIsToldWithTheWait(): void
    {
        $client = Served::client('LIMITED_PHP', ['max_retry_wait' => 0.5]);
        $allowed = 0;
        try {
            while ($allowed <= 1000) {
                $client->frameworks()->list(['limit' => 1]);
                $allowed++;
            }
            self::fail('there is no limit');
        } catch (RateLimitException $refused) {
            self::assertSame(1000, $allowed);
            self::assertThat($refused->retryAfter, self::logicalAnd(self::greaterThan(0), self::lessThanOrEqual(60)));
        }
    }

    public function testAnyPsr18ClientCarriesTheCalls(): void
    {
        $client = Served::client('ANALYST', ['http_client' => new Psr18Client(HttpClient::create())]);
        $risk = $client->risks()->create(['name' => 'By another client']);
        self::assertSame($risk->id, $client->risks()->update($risk->id, ['tags' => ['psr-18']])->id);
        self::assertGreaterThan(200, iterator_count($client->risks()->list(['limit' => 200])->getIterator()));
    }

    public function testAClientShowsNoSecret(): void
    {
        $key = Served::key('ANALYST');
        $token = $this->analyst->token();
        ob_start();
        var_dump($this->analyst);
        $shown = ob_get_clean() . print_r($this->analyst, true) . json_encode($this->analyst);
        foreach ([$key['api_key'], $key['secret'], $token] as $word) {
            self::assertStringNotContainsString($word, $shown);
        }
    }
}
