<?php

declare(strict_types=1);

namespace Amtia\Http;

use Amtia\Error\AmtiaException;
use Amtia\Page;
use Amtia\Record;

/** Reads a page: a bare array, or an object with `data`, `items`, `results` or the resource's own name. */
final class Paging
{
    /**
     * @template T of Record
     * @param class-string<T> $kind
     * @return Page<T>
     */
    public static function read(Response $response, string $url, string $kind, string $name): Page
    {
        $body = $response->json();
        $items = $body;
        if ($body instanceof \stdClass) {
            $items = null;
            foreach (['data', 'items', 'results', $name] as $key) {
                if (is_array($body->$key ?? null)) {
                    $items = $body->$key;
                    break;
                }
            }
        }
        if (!is_array($items)) {
            throw new AmtiaException('The answer to ' . parse_url($url, PHP_URL_PATH) . ' holds no list.');
        }
        $records = [];
        foreach ($items as $item) {
            if (!$item instanceof \stdClass) {
                throw new AmtiaException('The answer to ' . parse_url($url, PHP_URL_PATH) . ' holds something that is no record.');
            }
            $records[] = new $kind(get_object_vars($item));
        }
        [$cursor, $next] = self::next($response, $body, $url);
        $total = $body->total ?? null;
        return new Page($records, is_int($total) ? $total : null, $cursor, $next);
    }

    /** @return array{string|null, string|null} a cursor or an address */
    private static function next(Response $response, mixed $body, string $url): array
    {
        $cursor = $body->next_cursor ?? null;
        if ((is_string($cursor) && $cursor !== '') || is_int($cursor)) {
            return [(string) $cursor, null];
        }
        $place = $body->next ?? null;
        if (is_string($place) && $place !== '' && strpbrk($place, '/?') === false) {
            return [$place, null];
        }
        if (!is_string($place) || $place === '') {
            $place = self::link($response->headers['link'] ?? '');
        }
        return $place === null ? [null, null] : [null, self::resolved($place, $url)];
    }

    /** `<https://…>; rel="next", <…>; rel="last"` */
    private static function link(string $header): ?string
    {
        preg_match_all('/<([^>]*)>([^<]*)/', $header, $links, PREG_SET_ORDER);
        foreach ($links as [, $place, $rest]) {
            if (preg_match('/;\s*rel="?([^";]*\s)?next(["\s;,]|$)/i', $rest) === 1) {
                return $place;
            }
        }
        return null;
    }

    /** The token goes nowhere but to the API it was made for. */
    private static function resolved(string $place, string $url): string
    {
        $here = parse_url($url);
        $origin = $here['scheme'] . '://' . $here['host'] . (isset($here['port']) ? ':' . $here['port'] : '');
        if (str_starts_with($place, '//')) {
            $place = $here['scheme'] . ':' . $place;
        } elseif (str_starts_with($place, '/')) {
            $place = $origin . $place;
        } elseif (str_starts_with($place, '?')) {
            $place = $origin . ($here['path'] ?? '/') . $place;
        }
        // An address that is longer than the origin goes on with a path or a query, not with a longer host or a user name.
        if (!str_starts_with($place, $origin . '/') && !str_starts_with($place, $origin . '?')) {
            throw new AmtiaException("The list's next page is at another address than the API; it was not followed.");
        }
        return $place;
    }
}
