import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Changed, Consents } from '../../core/consent/consent.service.js';
import { type Profile, tagOf } from '../../core/consent/profile.js';
import { Failure } from '../../core/failure.js';
import { People } from '../../core/person/people.service.js';
import { ExplainedFailure } from '../shared/explained-failure.js';
import { type ChangedAnswer, profileAnswer, type ProfileAnswer, versionAnswer } from './choices.js';

/** Answers with a person's present choices, their entity tag on the reply. */
@Injectable()
export class PresentChoices {
  constructor(
    private readonly consents: Consents,
    private readonly people: People,
  ) {}

  /** The person's choices now. */
  async show(personId: string, reply: FastifyReply): Promise<ProfileAnswer> {
    return this.shown(await this.consents.read(personId), reply);
  }

  /**
   * What came of a change. When the choices changed meanwhile (VERSION_CHANGED) the refusal carries the present ones, so that a
   * client can put both side by side.
   */
  async change(personId: string, reply: FastifyReply, act: () => Promise<Changed>): Promise<ChangedAnswer> {
    try {
      const { version, profile } = await act();
      return { version: versionAnswer(version), profile: await this.shown(profile, reply) };
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'VERSION_CHANGED') throw error;
      throw new ExplainedFailure(error, { current: await this.show(personId, reply) });
    }
  }

  private async shown(profile: Profile, reply: FastifyReply): Promise<ProfileAnswer> {
    const ageBand = this.people.ageBandOf(await this.people.find(profile.personId));
    reply.header('etag', tagOf(profile));
    return profileAnswer(profile, ageBand !== undefined && ageBand !== 'sixteen-or-older');
  }
}
