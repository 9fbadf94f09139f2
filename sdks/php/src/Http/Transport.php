<?php

declare(strict_types=1);

namespace Amtia\Http;

use Amtia\Error\ApiConnectionException;

/** A way to the API. */
interface Transport
{
    /**
     * Asks once, follows no redirect, and answers whatever status came back.
     *
     * @throws ApiConnectionException when nothing came back
     */
    public function send(Request $request): Response;
}
