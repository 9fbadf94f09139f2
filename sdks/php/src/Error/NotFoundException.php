<?php

declare(strict_types=1);

namespace Amtia\Error;

/** 404: there is no such record or path. */
final class NotFoundException extends ApiException
{
}
